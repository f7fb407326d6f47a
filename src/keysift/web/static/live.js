// Keeps the part of a page up to date that changes while a crawl runs. Without it, reload the page.

const place = document.querySelector("[data-live]");
const told = document.querySelector("[data-live-told]");
const every = 1000 * Number(place.dataset.every);
const quiet = 30_000;
let said = -Infinity;
let failures = 0;

// Figures change all the time; who listens gets one sentence, and not too often.
function tell(sentence) {
  if (sentence === told.textContent || performance.now() - said < quiet) return;
  said = performance.now();
  told.textContent = sentence;
}

async function refresh() {
  try {
    const answer = await fetch(place.dataset.live, { credentials: "same-origin", redirect: "error" });
    if (answer.status === 401 || answer.status === 403) {
      tell("You are not logged in any more: reload this page.");
      return false;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = made.querySelector("[data-fragment]");
    if (fresh === null) return false;
    const focused = place.contains(document.activeElement);
    // Whoever stands on a link in there is not thrown out of it.
    if (!focused) place.replaceChildren(document.adoptNode(fresh));
    failures = 0;
    tell(fresh.dataset.sentence);
  } catch {
    failures += 1;
    if (failures === 3) tell("The dashboard does not answer: what is shown may be old.");
  }
  return true;
}

async function watch() {
  // A page that nobody looks at asks nothing.
  const goesOn = document.hidden || (await refresh());
  if (goesOn) setTimeout(watch, Math.min(every * 2 ** failures, 60_000));
}

setTimeout(watch, every);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
