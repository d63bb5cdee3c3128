// The preview page follows the server: after a save it asks for itself again and takes over what changed.
// All text comes as markup that the server escaped, or through textContent; nothing here writes HTML.
"use strict";

const $ = (id) => document.getElementById(id);
const page = () => document.body.dataset;
const reads = new DOMParser();
// The server gives each page a key, so that it is told of its own frame and of no other window's. A page that asks
// for itself again says its key and keeps it, until the server is another one.
let { key, run } = page();

// --- what a screen reader is told -------------------------------------------------------------------------

let lastTold = 0;

function tell(text, { often = false } = {}) {
  // A save every few seconds is no news; silence in between is.
  if (!often && Date.now() - lastTold < 20_000) return;
  lastTold = Date.now();
  $("told").textContent = text;
}

function alarm(text) {
  $("alarm").textContent = text;
}

// --- the page asks for itself again -----------------------------------------------------------------------

const served = new Map(); // What the server gave for each part, to see whether it gives something else now.
let asking = null;

async function refresh(url = location.href) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const asked = new URL(url, location.href);
  asked.searchParams.set("key", key);
  let text;
  try {
    const answer = await fetch(asked, { signal: mine.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) {
      gone(`The preview answered ${answer.status}.`);
      return false;
    }
    text = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") gone();
    return false;
  }
  if (mine.signal.aborted) return false;
  take(reads.parseFromString(text, "text/html"));
  return true;
}

function take(fresh) {
  // Read without scripts on, so what is for those who have none stands there as well.
  for (const each of fresh.querySelectorAll("noscript")) each.remove();
  const before = { ...page() };
  const restarted = fresh.body.dataset.run !== run;
  if (restarted) ({ key, run } = fresh.body.dataset);
  const focus = document.activeElement?.id;
  for (const { name, value } of [...fresh.body.attributes]) document.body.setAttribute(name, value);
  if (pulled) page().width = pulled; // The hand that holds the handle knows better.
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other) swapIn(part, other);
  }
  if (before.view !== page().view) {
    served.delete("lines");
    $("desk").replaceWith(document.adoptNode(fresh.getElementById("desk")));
    remember($("desk"));
    dress();
  } else if (page().view === "mail") {
    const shown = fresh.querySelector("iframe.mail");
    const sheet = $("sheet");
    sheet.classList.toggle("dark", page().view === "mail" && fresh.getElementById("sheet").classList.contains("dark"));
    sheet.classList.toggle("inverted", fresh.getElementById("sheet").classList.contains("inverted"));
    mail.title = shown.title;
    const wider = before.width !== page().width;
    setWidth(page().width);
    if (shown.dataset.src !== source || before.version !== page().version || wider || restarted) show(shown.dataset.src);
  } else {
    draw();
  }
  if (before.slug !== page().slug) {
    $("desk").scrollTop = 0;
  }
  if (before.slug !== page().slug || before.view !== page().view) hideCard();
  if (focus && !document.activeElement?.id) $(focus)?.focus();
  if (before.events !== page().events || restarted) listen();
  announce(before);
}

function remember(root) {
  for (const part of [root, ...root.querySelectorAll("[data-live]")]) if (part.dataset.live !== undefined) served.set(part.id, part.innerHTML);
}

function swapIn(part, other) {
  for (const name of ["aria-label", "tabindex", "hidden"]) {
    if (other.hasAttribute(name)) part.setAttribute(name, other.getAttribute(name));
    else part.removeAttribute(name);
  }
  const html = other.innerHTML;
  if (served.get(part.id) === html) return;
  served.set(part.id, html);
  part.replaceChildren(...[...other.childNodes].map((node) => document.adoptNode(node)));
}

function announce(before) {
  const now = page();
  if (now.ok === "no" && before.ok === "yes") {
    const error = document.querySelector("#errors .error");
    alarm([$("errors").querySelector("h2"), error?.querySelector("h3"), error?.querySelector(".place code")].map((n) => n?.textContent.trim() ?? "").join(" "));
  } else if (now.ok === "yes" && before.ok === "no") {
    alarm("");
    tell("Mended. Mail updated.", { often: true });
  } else if (now.slug !== before.slug) tell(document.title, { often: true });
  else if (now.version !== before.version) tell("Mail updated.");
}

async function go(url, how) {
  const here = new URL(url, location.href);
  if (how === "view" || how === "issue") history.pushState(null, "", here);
  else history.replaceState(null, "", here);
  await refresh(here.href);
}

// --- the mail, in a frame; the next one waits behind it until it is drawn --------------------------------------

let mail = null; // The frame one sees.
let next = null; // The one that is being loaded, out of sight.
let source = ""; // Where the mail was asked for.
let wanted = ""; // Where it is to be asked for next.
let height = 0;
const STEP = 24; // The frame tells its height in steps of so many pixels, rounded down.
let timer = 0;

function dress(served = false) {
  mail = document.querySelector("iframe.mail");
  next = null;
  height = 0;
  if (mail) {
    source = mail.dataset.src;
    setWidth(page().width);
    if (!served) return show(source);
    // The frame that came with the page has its key, and is whole.
    mail.dataset.whole = "yes";
    const mine = mail;
    const whole = () => mine === mail && (document.body.dataset.shown ??= page().version);
    if (document.readyState === "complete") whole();
    else addEventListener("load", whole, { once: true });
  } else {
    source = "";
    draw();
  }
}

function show(src) {
  source = src;
  wanted = src;
  // The rest of the pictures of a mail that is past is no longer waited for.
  if (next?.dataset.whole) drop();
  // A frame tells its height but once, so it is not asked for before somebody listens.
  if (!next && hearing) load();
}

function drop() {
  clearTimeout(timer);
  next.remove();
  next = null;
}

// What part of the mail is in the window: its pictures come first, and the others when the words are there.
function inWindow() {
  const at = $("sheet").getBoundingClientRect();
  const part = (y) => Math.min(Math.max((y - at.top) / (at.height || 1), 0), 1).toFixed(4);
  return `${part(0)}-${part(innerHeight)}`;
}

function load(whole = false) {
  if (next || !wanted) return;
  const src = new URL(wanted, location.href);
  wanted = "";
  src.searchParams.set("key", key);
  src.searchParams.set("v", page().version);
  if (!whole) {
    src.searchParams.set("quick", "1");
    src.searchParams.set("window", inWindow());
    src.searchParams.set("tall", $("sheet").clientHeight);
  }
  next = mail.cloneNode();
  next.className = "next";
  delete next.dataset.whole;
  if (whole) next.dataset.whole = "yes";
  next.removeAttribute("width");
  next.tabIndex = -1;
  next.setAttribute("aria-hidden", "true");
  next.src = src;
  height = 0;
  const mine = next;
  next.addEventListener("load", () => arrived(mine));
  // A picture from far away must not hold back the words.
  timer = setTimeout(() => arrived(mine), 2500);
  $("sheet").append(next);
}

function arrived(frame) {
  if (frame !== next) return;
  clearTimeout(timer);
  const old = mail;
  mail = next;
  next = null;
  mail.className = "mail";
  mail.removeAttribute("tabindex");
  mail.removeAttribute("aria-hidden");
  mail.title = old.title;
  setWidth(page().width);
  if (height) setHeight(height);
  old.remove();
  document.body.dataset.shown = page().version;
  if (wanted) return load();
  if (!mail.dataset.whole) {
    wanted = source;
    load(true);
  }
}

function setHeight(pixels) {
  $("sheet").style.height = `${Math.max(pixels, 160)}px`;
}

function setWidth(width) {
  const wide = width === "desktop";
  $("sheet").classList.toggle("wide", wide);
  if (wide) mail.removeAttribute("width");
  else mail.width = width;
  $("handle").setAttribute("aria-valuenow", Math.round($("sheet").clientWidth));
  $("handle").setAttribute("aria-valuetext", `${Math.round($("sheet").clientWidth)} pixels`);
}

// --- the handle at the mail's edge -----------------------------------------------------------------------------

let settle = 0;
let pulled = ""; // The width while it is being changed.

function pull(width) {
  const handle = $("handle");
  const [least, most] = [Number(handle.getAttribute("aria-valuemin")), Number(handle.getAttribute("aria-valuemax"))];
  width = Math.round(Math.min(Math.max(width, least), most));
  pulled = page().width = String(width);
  setWidth(pulled);
  handle.dataset.shown = `${width}`;
  clearTimeout(settle);
  settle = setTimeout(() => {
    delete handle.dataset.shown;
    const url = new URL(location.href);
    url.searchParams.set("width", width);
    history.replaceState(null, "", url);
    pulled = "";
    // The frame's ruler tells each height once, so a mail of another width is measured afresh.
    show(source);
    refresh();
  }, 250);
}

function grab(event) {
  if (event.target.id !== "handle" || event.button) return;
  event.preventDefault();
  const handle = event.target;
  const from = { x: event.clientX, width: $("sheet").clientWidth };
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  $("sheet").classList.add("dragged");
  const move = (at) => pull(from.width + 2 * (at.clientX - from.x)); // The mail stays in the middle.
  const drop = () => {
    $("sheet").classList.remove("dragged");
    handle.removeEventListener("pointermove", move);
  };
  handle.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, drop, { once: true });
}

function nudge(event) {
  const by = { ArrowLeft: -10, ArrowRight: 10, ArrowDown: -10, ArrowUp: 10, PageDown: -100, PageUp: 100 }[event.key];
  const to = { Home: 320, End: 1100 }[event.key];
  if (!by && !to) return false;
  pull(to ?? $("sheet").clientWidth + by);
  return true;
}

// --- text, source and headers ----------------------------------------------------------------------------------

const LIMIT = 102_400;
// A tag's name and what it opens with; a comment, whole. Anything else is text.
const MARKUP = /<!--[^]*?(?:-->|$)|<\/?[a-zA-Z][\w:-]*|\/?>/g;

async function draw() {
  const lines = $("lines");
  if (!lines) return;
  let text;
  try {
    const answer = await fetch(lines.dataset.src);
    text = await answer.text();
  } catch {
    return gone();
  }
  if (lines !== $("lines")) return;
  if (text === served.get("lines")) return;
  served.set("lines", text);
  const kind = page().view;
  let bytes = 0;
  const rows = [];
  for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
    const row = element("span", "l");
    if (kind === "source") paint(row, line);
    else if (kind === "headers") label(row, line);
    else row.textContent = line;
    const before = bytes;
    bytes += line.length + 1;
    if (kind === "source" && before <= LIMIT && bytes > LIMIT) rows.push(element("span", "cut", "Gmail shows what is above, and hides the rest."));
    row.append("\n");
    rows.push(row);
  }
  const at = $("desk").scrollTop;
  lines.replaceChildren(...rows);
  $("desk").scrollTop = at;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function paint(row, line) {
  let at = 0;
  for (const found of line.matchAll(MARKUP)) {
    row.append(line.slice(at, found.index), element("span", found[0].startsWith("<!") ? "aside" : "tag", found[0]));
    at = found.index + found[0].length;
  }
  row.append(line.slice(at));
}

function label(row, line) {
  const name = /^[A-Za-z-]+:/.exec(line)?.[0] ?? "";
  row.append(element("span", "name", name), line.slice(name.length));
}

// --- what the server tells --------------------------------------------------------------------------------------

let stream = null;
let again = 0;
let hearing = false;
let later = 0;

function listen() {
  stream?.close();
  hearing = false;
  clearTimeout(again);
  const url = new URL(page().events, location.href);
  url.searchParams.set("key", key);
  stream = new EventSource(url);
  let lost = false;
  stream.addEventListener("open", () => {
    here();
    if (lost) refresh();
    lost = false;
  });
  stream.addEventListener("state", (event) => {
    const { version, ok } = JSON.parse(event.data);
    if (!hearing && mail && wanted) setTimeout(load);
    hearing = true;
    // The mail need not wait for the page around it.
    if (mail && ok && version > Number(page().version)) {
      page().version = version;
      show(source);
      tell("Mail updated.");
      clearTimeout(later);
      later = setTimeout(refresh, 80);
    } else refresh();
  });
  stream.addEventListener("at", (event) => chosen(JSON.parse(event.data)));
  stream.addEventListener("height", (event) => {
    height = JSON.parse(event.data).n + STEP;
    if (!next) setHeight(height);
  });
  stream.addEventListener("error", () => {
    lost = true;
    hearing = false;
    gone();
    // A browser gives up on a server that answers with an error; we do not.
    if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, 2000);
  });
}

function here() {
  $("link").textContent = "Following your saves";
  $("link").className = "needs-js";
}

function gone(why = "The preview has stopped.") {
  $("link").textContent = `${why} What you see stays; it goes on when digest preview runs again.`;
  $("link").className = "needs-js gone";
}

// --- from a story to its source ---------------------------------------------------------------------------------

let story = null;

function chosen(at) {
  story = at;
  $("card-title").textContent = at.story || "This part of the mail";
  $("card-place").textContent = at.line ? `${at.file}:${at.line}` : at.file;
  $("card").hidden = false;
  // The click was in the frame, where keys are not heard.
  $("card").focus();
  tell(`${at.story}, ${at.file}, line ${at.line}`, { often: true });
}

function hideCard() {
  story = null;
  $("card").hidden = true;
}

async function post(path, given) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Digest-Token": page().token },
    body: JSON.stringify(given),
  });
  const said = await answer.json().catch(() => ({}));
  return answer.ok ? said : { error: `The preview answered ${answer.status}.`, ...said };
}

async function openEditor(line, file) {
  const said = await post("/open", { slug: page().slug, line: line || 1, ...(file ? { file } : {}) }).catch(() => ({ error: "The preview has stopped." }));
  const words = said.error ?? "Opened in your editor.";
  $("status").textContent = words;
  served.delete("status");
  tell(words, { often: true });
}

async function copy(from) {
  const text = $(from).textContent;
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied.", { often: true });
  } catch {
    getSelection().selectAllChildren($(from));
  }
}

// --- a test mail ------------------------------------------------------------------------------------------------

async function send(event) {
  event.preventDefault();
  const to = $("to").value.split(/[\s,;]+/).filter(Boolean);
  const list = $("sent");
  if (!to.length) return list.replaceChildren(element("li", "bad", "To whom? Put an address above."));
  $("send-now").disabled = true;
  list.replaceChildren(element("li", "", "Sending"));
  try {
    const said = await post("/send-test", { slug: page().slug, to, plain_subject: $("plain").checked });
    const rows = (said.results ?? []).map(({ to: address, error }) => element("li", error ? "bad" : "", error ? `${address}: ${error}` : `${address}: sent`));
    if (said.error) rows.push(element("li", "bad", said.error));
    list.replaceChildren(...rows);
  } catch {
    list.replaceChildren(element("li", "bad", "The preview has stopped; nothing is known of this mail."));
  }
  $("send-now").disabled = false;
}

// --- hands ------------------------------------------------------------------------------------------------------

function click(event) {
  const at = event.target.closest("a[data-go], button, .issues");
  if (!at?.closest(".issues")) $("issues").open = false;
  if (!at || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return;
  if (at.matches("a[data-go]")) {
    event.preventDefault();
    if (at.dataset.go === "issue") $("issues").open = false;
    go(at.href, at.dataset.go);
  } else if (at.dataset.dialog) $(at.dataset.dialog).showModal();
  else if (at.dataset.open) openEditor(Number(at.dataset.open), at.dataset.file);
  else if (at.dataset.copy) copy(at.dataset.copy);
  else if (at.dataset.close !== undefined) at.closest("dialog").close();
  else if (at.id === "card-open") openEditor(story?.line, story?.file);
  else if (at.id === "card-close") hideCard();
}

function press(event) {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (at.id === "handle" && nudge(event)) return event.preventDefault();
  if (at.closest("dialog, input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && at.matches("[role=switch], [role=button]")) {
    event.preventDefault();
    return at.click();
  }
  if (event.key === "Escape") {
    if ($("issues").open) $("issues").querySelector("summary").focus();
    $("issues").open = false;
    return hideCard();
  }
  if (event.key === "e") return openEditor(story?.line, story?.file);
  if (event.key === "j" || event.key === "k") {
    const to = event.key === "j" ? page().after : page().before;
    return to ? void go(to, "issue") : tell(event.key === "j" ? "This is the newest issue." : "This is the first issue.", { often: true });
  }
  const control = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  if (!control) return;
  event.preventDefault();
  control.click();
  if (event.key === "/") ($("issues").querySelector("a[aria-current]") ?? $("issues").querySelector("nav a"))?.focus();
}

remember(document.body);
dress(true);
listen();
document.addEventListener("click", click);
document.addEventListener("keydown", press);
document.addEventListener("pointerdown", grab);
document.addEventListener("submit", (event) => event.target.id === "send-form" && send(event));
addEventListener("popstate", () => refresh());
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && listen());
