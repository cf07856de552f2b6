// What the last action says: a toast for ten seconds, and a word for those who listen.
(() => {
  const live = document.querySelector('[data-live]'), shelf = document.querySelector('[data-toasts]');
  const say = text => { if (live) { live.textContent = ''; requestAnimationFrame(() => { live.textContent = text; }); } };
  function toast(text, undo) {
    say(text);
    if (!shelf) return;
    const box = document.createElement('div');
    box.className = 'toast'; box.append(text);
    if (undo) {
      const button = document.createElement('button');
      button.className = 'btn'; button.type = 'button'; button.textContent = undo.label;
      button.addEventListener('click', () => { box.remove(); undo.act(); });
      box.append(button);
    }
    if (undo) shelf.removeAttribute('aria-hidden'); else shelf.setAttribute('aria-hidden', 'true');
    shelf.replaceChildren(box);
    const leave = () => { if (box.matches(':hover, :focus-within')) setTimeout(leave, 2000); else box.remove(); };
    setTimeout(leave, 10000);
  }
  window.palinsesto = Object.assign(window.palinsesto || {}, { say, toast });
  for (const note of document.querySelectorAll('[data-toast]')) {
    if (!shelf) continue;
    toast(note.textContent.trim()); note.remove();
  }
})();
