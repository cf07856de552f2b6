// A chip opens its post in a drawer; without script, and with a modifier key, it is a link to the post's page.
(() => {
  const drawer = document.querySelector('[data-drawer]');
  if (!drawer) return;
  let opener = null;
  async function open(link) {
    opener = link;
    let answer;
    try {
      answer = await fetch(link.href, { headers: { 'HX-Request': 'true', 'X-Drawer': 'yes' }, credentials: 'same-origin' });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    } catch {
      window.palinsesto.toast(drawer.dataset.failed);
      return;
    }
    drawer.innerHTML = await answer.text();
    window.htmx?.process(drawer);
    drawer.showModal();
    drawer.querySelector('#post-title')?.focus();
  }
  document.addEventListener('click', event => {
    const chip = event.target.closest('a.chip[data-post]');
    if (chip && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) { event.preventDefault(); open(chip); return; }
    if (event.target === drawer || event.target.closest('[data-close]')) { event.preventDefault(); drawer.close(); }
  });
  drawer.addEventListener('close', () => { drawer.replaceChildren(); opener?.focus(); });
})();
