// Pictures that the brand has already: a shelf to choose from, for the post, for one channel or for one post of a thread.
(() => {
  const composer = window.palinsesto.composer, box = document.querySelector('[data-shelf-box]');
  if (!composer || !box?.showModal) return;
  const list = box.querySelector('[data-shelf-list]'), search = box.querySelector('[data-shelf-search]');
  let into, address, waiting, asking;

  async function fill() {
    asking?.abort();
    asking = new AbortController();
    const wish = new URLSearchParams({ prefix: into.dataset.pictures, q: search.value });
    try {
      const answer = await fetch(`${address}?${wish}`, { headers: { 'X-Composer': 'yes' }, signal: asking.signal });
      if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
      else list.textContent = into.dataset.shelfFailed;
    } catch (problem) { if (problem.name !== 'AbortError') list.textContent = into.dataset.shelfFailed; }
  }
  document.addEventListener('click', event => {
    const button = event.target.closest?.('button[data-shelf]');
    if (!button) return;
    event.preventDefault();
    into = button.closest('[data-pictures]'); address = button.dataset.shelf;
    search.value = ''; list.replaceChildren();
    box.returnValue = '';
    box.showModal(); search.focus();
    fill();
  });
  search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(fill, 200); });
  search.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault(); });
  box.addEventListener('close', () => {
    if (box.returnValue !== 'add') return;
    const chosen = [...list.querySelectorAll('input:checked')].map(one => one.closest('li').querySelector('template').innerHTML);
    if (chosen.length) composer.take(into, chosen.join(''));
  });
})();
