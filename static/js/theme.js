// Light or dark as the reader last chose; without a choice the system decides. Runs before the first paint.
(() => {
  const root = document.documentElement;
  try {
    const kept = localStorage.getItem('palinsesto-theme');
    if (kept === 'light' || kept === 'dark') root.dataset.theme = kept;
  } catch { /* no storage: the system decides */ }
  document.addEventListener('DOMContentLoaded', () => {
    for (const button of document.querySelectorAll('[data-theme-toggle]')) {
      button.hidden = false;
      button.addEventListener('click', () => {
        const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
        root.dataset.theme = dark ? 'light' : 'dark';
        try { localStorage.setItem('palinsesto-theme', root.dataset.theme); } catch { /* for this page only */ }
      });
    }
  });
})();
