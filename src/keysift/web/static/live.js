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

// A browser reads documents of this kind itself: the policy of the page forbids to make markup of text.
function load(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 30_000;
    request.onload = () => resolve({ status: request.status, page: request.response });
    request.onerror = request.ontimeout = () => reject(new Error("no answer"));
    request.send();
  });
}

async function refresh() {
  try {
    const { status, page } = await load(place.dataset.live);
    if (status >= 400 && status !== 401 && status !== 403) throw new Error(String(status));
    // Whoever is logged out gets the page of the login instead.
    const fresh = page?.querySelector("[data-fragment]") ?? null;
    if (fresh === null) {
      tell("You are not logged in any more: reload this page.");
      return false;
    }
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
