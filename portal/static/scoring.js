// The scoring pages: deductions are summed up as one clicks, what is missing is marked as one types, keys lead from one
// indicator to the next. Every act works without it: then the server does the same sums.
"use strict";

const forms = () => [...document.querySelectorAll("form[data-score]")];
const blocks = () => [...document.querySelectorAll("[data-block]")];
const counters = (form) => [...form.querySelectorAll("input[data-each]")];

// Points are whole hundredths here as on the server; null is what is no points.
const hundredths = (text) => {
  const narrow = text.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[．。]/, ".").replace(/分$/, "");
  const found = /^(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?$/.exec(narrow);
  return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : null;
};

const short = (points) => {
  const fraction = String(points % 100).padStart(2, "0").replace(/0+$/, "");
  return Math.floor(points / 100) + (fraction ? "." + fraction : "");
};

// counted is what the deductions come to, and the reason that they are, in the server's words.
const counted = (form) => {
  let lost = 0;
  const reasons = [];
  for (const field of counters(form)) {
    const times = Math.max(0, Math.min(Number(field.max), Math.floor(Number(field.value) || 0)));
    const each = times * Number(field.dataset.each);
    const item = field.closest("li");
    item.classList.toggle("zero", times === 0);
    item.querySelector("output").textContent = times ? "−" + short(each) : "0";
    if (!times) continue;
    lost += each;
    const often = "single" in field.dataset ? "" : times * Number(field.dataset.step) + field.dataset.after;
    reasons.push(field.dataset.before + often + form.dataset.says.replace("%s", short(each)));
  }
  return { lost, reason: reasons.join("；") };
};

// A new draft of the reason takes the place of the old one; what was written around it stays.
const redraft = (field, drafted, reason) => {
  const text = field.value.trim();
  if (!text || text === drafted.value) field.value = reason;
  else if (drafted.value && text.includes(drafted.value)) field.value = text.replace(drafted.value, () => reason).replace(/^[；。 ]+|[；。 ]+$/g, "");
  else if (reason && !text.includes(reason)) field.value = reason + "；" + text;
  drafted.value = reason;
};

const sumUp = (form) => {
  const { lost, reason } = counted(form);
  form.elements.points.value = short(Math.max(0, Number(form.dataset.max) - lost));
  redraft(form.elements.reason, form.elements.drafted, reason);
};

const giveAll = (form) => {
  for (const field of counters(form)) field.value = 0;
  sumUp(form);
  const { method, place, day, seen } = form.elements;
  if (!method.value) method.selectedIndex = 1;
  if (!place.value.trim()) place.value = method.selectedOptions[0].dataset.place || "";
  if (!day.value) day.value = form.dataset.today;
  if (!seen.value.trim()) seen.value = form.dataset.nothing;
};

const lacks = (form) => {
  const { points, reason, method, place, day, seen } = form.elements;
  const given = hundredths(points.value);
  return {
    points: given === null, reason: given !== null && given < Number(form.dataset.max) && !reason.value.trim(),
    method: !method.value, place: !place.value.trim(), day: !day.value, seen: !seen.value.trim(),
  };
};

// show brings the marks of a form up to what stands in it.
const show = (form) => {
  const given = hundredths(form.elements.points.value);
  const most = Number(form.dataset.max);
  form.querySelector("[data-lost]").textContent = given === null || given > most ? "—" : short(most - given);
  const missing = lacks(form);
  const complete = !Object.values(missing).includes(true);
  const id = form.dataset.score;
  for (const mark of document.querySelectorAll(`[data-mark="${id}"]`)) {
    mark.querySelector("[data-todo]").hidden = complete;
    mark.querySelector("[data-done]").hidden = !complete;
  }
  const line = document.querySelector(`[data-of="${id}"]`);
  if (!line) return;
  line.hidden = complete;
  line.querySelector("[data-untouched]").hidden = true;
  line.querySelector("[data-lacks]").hidden = false;
  for (const word of line.querySelectorAll("[data-lack]")) word.hidden = !missing[word.dataset.lack];
  const all = ![...document.querySelectorAll("[data-of]")].some((other) => !other.hidden);
  document.querySelector("[data-missing]").hidden = all;
  document.querySelector("[data-complete]").hidden = !all;
};

// versions count what is typed into a form, so that an answer is known to be about the newest.
const versions = new Map();
const sent = new Map();
let waiting = null;

const typing = (event) => {
  const form = event.target.closest("form[data-score]");
  if (!form) return;
  if (event.target.matches("[data-each]")) sumUp(form);
  versions.set(form, (versions.get(form) || 0) + 1);
  show(form);
};
document.addEventListener("input", typing, true);
document.addEventListener("change", typing, true);

const press = {
  step: (form, button) => {
    const [index, by] = button.value.split(":");
    const field = form.elements["count" + index];
    field.value = Math.max(0, Math.min(Number(field.max), (Number(field.value) || 0) + Number(by)));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  },
  full: (form) => {
    giveAll(form);
    form.elements.points.dispatchEvent(new Event("input", { bubbles: true }));
  },
  next: (form, button) => goTo(document.getElementById(button.value), true),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("form[data-score] button");
  if (!button) return;
  const act = button.name === "do" ? button.value : button.name;
  if (!press[act]) return;
  event.preventDefault();
  press[act](button.form, button);
});

const goTo = (place, write) => {
  if (!place) return;
  place.scrollIntoView({ block: "start" });
  const field = write && (place.querySelector("input[name=points]") || place.querySelector("button, a"));
  (field || place).focus({ preventScroll: true });
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, textarea, select");
  const arrow = event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp");
  const letter = !writing && !event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "j" || event.key === "k");
  if (!arrow && !letter) return;
  const all = blocks();
  const here = all.indexOf(event.target.closest("[data-block]"));
  const seen = here >= 0 ? here : all.findIndex((block) => block.getBoundingClientRect().bottom > 80) - 1;
  const down = event.key === "ArrowDown" || event.key === "j";
  const next = all[seen + (down ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  goTo(next, arrow);
});

document.addEventListener("htmx:beforeRequest", (event) => sent.set(event.target, versions.get(event.target)));

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target;
  if (!form.matches("form[data-score]")) return;
  const status = event.detail.xhr ? event.detail.xhr.status : 0;
  const fault = form.querySelector("[data-fault]");
  fault.hidden = status !== 422;
  fault.textContent = status === 422 ? event.detail.xhr.responseText : "";
  if (status === 422) form.elements.points.setAttribute("aria-invalid", "true");
  else form.elements.points.removeAttribute("aria-invalid");
  if (status === 204) {
    if (versions.get(form) === sent.get(form)) versions.delete(form);
    if (waiting && versions.size === 0) waiting.requestSubmit();
    return;
  }
  if (waiting) goTo(form.closest("[data-block]"), true);
  waiting = null;
  if (status === 0 || status >= 500) setTimeout(() => form.dispatchEvent(new Event("change", { bubbles: true })), 5000);
});

// What is still on its way, or was not taken, is saved before the sheet is submitted.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-submit]") || versions.size === 0) return;
  event.preventDefault();
  event.stopPropagation();
  waiting = event.target;
  for (const form of [...versions.keys()]) form.dispatchEvent(new Event("change", { bubbles: true }));
}, true);

document.addEventListener("DOMContentLoaded", () => {
  for (const form of forms()) {
    form.elements.drafted.value = counted(form).reason;
    const button = form.querySelector("[data-count]");
    if (button) button.hidden = true;
  }
});
