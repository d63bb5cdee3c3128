// The issue as most people would write it in MJML: a section with two columns for each story; then juice.
// node mjml_juice.mjs ISSUE.json OUT.html, with DIGEST_PEERS naming the node_modules that has mjml and juice.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const peers = createRequire(join(process.env.DIGEST_PEERS, "peers.js"));
const mjml2html = peers("mjml").default ?? peers("mjml");
const juice = peers("juice").default ?? peers("juice");

const [from, to] = process.argv.slice(2);
const stories = JSON.parse(readFileSync(from, "utf-8"));

const story = ({ title, url, source, blurb, picture, alt, width }) => `
<mj-section padding="0 32px 24px" background-color="#ffffff">
  <mj-column width="25%">
    <mj-image padding="0 20px 0 0" src="${picture}" alt="${alt}" width="${width}px" href="${url}" />
  </mj-column>
  <mj-column width="75%">
    <mj-text css-class="title" padding="0"><h3><a href="${url}">${title}</a></h3></mj-text>
    <mj-text css-class="source" padding="4px 0 0">${source}</mj-text>
    <mj-text css-class="blurb" padding="8px 0 0">${blurb}</mj-text>
  </mj-column>
</mj-section>`;

const mjml = `<mjml lang="en">
<mj-head>
  <mj-title>Thirty things that took their time</mj-title>
  <mj-preview>Ferries, orchards and clocks</mj-preview>
  <mj-attributes><mj-all font-family="'Segoe UI',Roboto,Helvetica,Arial,sans-serif" /></mj-attributes>
  <mj-style>
    .title h3 { margin: 0; font: bold 20px/25px Georgia, serif; }
    .title a { color: #1d1b18; text-decoration: none; }
    .source div { font-size: 13px; line-height: 18px; color: #66615a; }
    .blurb div { font-size: 16px; line-height: 25px; color: #1d1b18; }
    @media (prefers-color-scheme: dark) { .title a { color: #ffffff !important; } }
  </mj-style>
</mj-head>
<mj-body background-color="#f1efea" width="640px">
  <mj-section background-color="#ffffff" border-top="4px solid #8f3015" padding="32px">
    <mj-column><mj-text><h1>The Slow Post</h1></mj-text></mj-column>
  </mj-section>
  ${stories.map(story).join("")}
  <mj-section padding="24px 32px">
    <mj-column><mj-text font-size="13px"><a href="https://slowpost.example/leave">Unsubscribe</a></mj-text></mj-column>
  </mj-section>
</mj-body>
</mjml>`;

const { html } = await mjml2html(mjml);
writeFileSync(to, juice(html));
