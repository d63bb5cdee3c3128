// Prints, as JSON, what the npm package `mjml` knows of its own tags. Run in a folder where it is installed.
//   node mjml_facts.mjs FOLDER              tags, their attributes and the tags each holds
//   node mjml_facts.mjs FOLDER fits         stdin: [[kind, value], ...]; prints whether each value is fine
//   node mjml_facts.mjs FOLDER html         stdin: MJML; prints {html}

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const [folder, task = 'table'] = process.argv.slice(2)
const require = createRequire(resolve(folder, 'package.json'))
const whole = (name) => {
  const found = require(name)
  return found.default ?? found
}

async function answer() {
  if (task === 'html') {
    const { html } = await whole('mjml')(readFileSync(0, 'utf8'), { validationLevel: 'skip' })
    return { html }
  }
  if (task === 'fits') {
    const { initializeType } = require('mjml-core')
    return JSON.parse(readFileSync(0, 'utf8')).map(([kind, value]) => new (initializeType(kind))(value).isValid())
  }
  const { components, dependencies } = whole('mjml-preset-core')
  const attributes = Object.fromEntries(components.map((one) => [one.componentName, one.allowedAttributes ?? {}]))
  const ending = components.filter((one) => one.endingTag).map((one) => one.componentName)
  return { attributes, dependencies, ending }
}

console.log(JSON.stringify(await answer()))
