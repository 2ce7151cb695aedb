// What the demo adds to the page of the simulated Discord: a guide, and what Discord does itself.

const timeline = document.getElementById("channel-timeline");
const jumpToLatest = document.getElementById("new-messages");
const composer = document.getElementById("channel-composer");
const guide = document.getElementById("demo-guide");

/** How long after something a person did the answer to it is scrolled to, in milliseconds. */
const ANSWERED_WITHIN = 8000;
/** How long after the last change of the page its own scrolling is over, in milliseconds. */
const SETTLED_AFTER = 150;
const COMMAND_CHOICE = /^(session|series):\d+$/;
const CARD_ADDRESS = /^https:\/\/discord\.com\/channels\/\d+\/\d+\/(\d+)$/;
const KEPT = "jelly-demo-guide";

let actedAt = -ANSWERED_WITHIN;
/** The names of choices by what is sent for them. */
const chosenNames = new Map();

// The guide goes step by step as it is used, and stays away for the session.
const steps = [...guide.querySelectorAll("li")];
const done = new Set(JSON.parse(sessionStorage.getItem(KEPT) || "[]"));

function showGuide() {
  const next = steps.find((step) => !done.has(step.dataset.step));
  for (const step of steps) {
    step.classList.toggle("is-done", done.has(step.dataset.step));
    step.classList.toggle("is-next", step === next);
  }
  guide.hidden = !next;
  sessionStorage.setItem(KEPT, JSON.stringify([...done]));
}

function finish(...names) {
  for (const name of names) done.add(name);
  showGuide();
}

guide.querySelector("button").addEventListener("click", () => {
  finish(...steps.map((step) => step.dataset.step));
});

function noteProgress() {
  const text = timeline.textContent;
  if (/ is scheduled/.test(text)) finish("new");
  if (/It will be .* in a moment/.test(text)) finish("time");
}

// Discord scrolls to the answer to what one does. The page restores its own place first.
let scrolling = 0;

function scrollToAnswer() {
  if (performance.now() - actedAt > ANSWERED_WITHIN) return;
  clearTimeout(scrolling);
  scrolling = setTimeout(() => {
    if (!jumpToLatest.hidden) jumpToLatest.click();
    const last = [...timeline.querySelectorAll("article.channel-message")].at(-1);
    if (!last) return;
    const isTall = last.getBoundingClientRect().height > timeline.clientHeight;
    last.scrollIntoView({ block: isTall ? "start" : "end" });
  }, SETTLED_AFTER);
}

// A link to a message leads to it, and not to Discord itself.
function showMessage(id) {
  const message = timeline.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);
  if (message) {
    actedAt = -ANSWERED_WITHIN;
    clearTimeout(scrolling);
    message.scrollIntoView({ block: "start" });
    message.classList.add("demo-found");
    setTimeout(() => message.classList.remove("demo-found"), 2500);
    return;
  }
  document.getElementById("message-exact-id").value = id;
  document.getElementById("message-exact-form").requestSubmit();
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("a[href]");
    const found = link && CARD_ADDRESS.exec(link.href);
    if (found) {
      event.preventDefault();
      showMessage(found[1]);
      return;
    }
    const button = event.target.closest("button");
    if (!button) return;
    if (timeline.contains(button) || button.closest("#modal-root")) {
      actedAt = performance.now();
      if (button.textContent.trim() === "Going") finish("going");
    }
  },
  true,
);
function noteAction(event) {
  if (event.type === "submit" || event.key === "Enter" || event.target.closest("#send-message")) {
    actedAt = performance.now();
  }
}
for (const kind of ["submit", "keydown", "click"]) {
  composer.addEventListener(kind, noteAction, true);
}
// Whoever types on has moved on: going to the latest message would empty what is typed.
composer.addEventListener("input", (event) => {
  if (!event.isTrusted) return;
  actedAt = -ANSWERED_WITHIN;
  clearTimeout(scrolling);
});

// Discord offers choices before a letter is typed.
document.addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.matches?.('.command-option-input[aria-autocomplete="list"]') && !field.value) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

function closeChoices() {
  const popup = document.querySelector(".command-popup");
  if (popup) popup.hidden = true;
}

// Discord shows a choice by its name, and not by what is sent for it.
function nameChoices() {
  for (const item of document.querySelectorAll("[data-value]")) {
    const name = item.querySelector(".command-suggestion-label")?.textContent;
    if (name && COMMAND_CHOICE.test(item.dataset.value)) chosenNames.set(item.dataset.value, name);
  }
  for (const heading of document.querySelectorAll(".command-popup-heading")) {
    if (heading.textContent.trim() === "OPTIONS MATCHING") heading.textContent = "OPTIONS";
  }
  for (const empty of document.querySelectorAll(".command-empty")) {
    const field = document.activeElement;
    const isAsking = composer.querySelector("[aria-busy=true]") || !field?.value;
    if (isAsking && empty.textContent === "No options match") {
      empty.textContent = "Type a letter of its name";
    }
  }
  for (const field of composer.querySelectorAll(".command-option-input")) {
    const name = chosenNames.get(field.value);
    if (!name || field.hidden) continue;
    const shown = document.createElement("button");
    shown.type = "button";
    shown.className = "demo-chosen";
    shown.textContent = name;
    shown.addEventListener("click", () => {
      shown.remove();
      field.hidden = false;
      field.value = "";
      field.focus();
    });
    field.hidden = true;
    field.before(shown);
    closeChoices();
  }
}

// The page renders a message anew only when it changes, and Discord's relative times go on.
const RELATIVE = /^(in |now$|today$|tomorrow$|yesterday$|(this|next|last) |.* ago$)/;
const UNITS = [["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const shownTime = document.getElementById("transport-status");
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

function renewTimes() {
  const now = /Presentation time: (\S+)\.$/.exec(shownTime?.firstChild?.textContent || "");
  if (!now) return;
  for (const time of timeline.querySelectorAll("time.discord-timestamp")) {
    if (!RELATIVE.test(time.textContent)) continue;
    const seconds = (new Date(time.dateTime) - new Date(now[1])) / 1000;
    const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) || UNITS.at(-1);
    const text = relative.format(Math.round(seconds / size), unit);
    if (time.textContent !== text) time.textContent = text;
  }
}

if (shownTime) new MutationObserver(renewTimes).observe(shownTime, { childList: true });
new MutationObserver(() => {
  noteProgress();
  renewTimes();
  scrollToAnswer();
}).observe(timeline, { childList: true, subtree: true });
new MutationObserver(nameChoices).observe(document.body, { childList: true, subtree: true });
new MutationObserver(scrollToAnswer).observe(jumpToLatest, { attributes: true });
showGuide();
