// Pictures of a post: they go up at once with their progress, by button, paste or drop; their order changes by mouse,
// finger (hold, then drag) and keys. The common ones and each channel's own are lists of the same kind.
(() => {
  const composer = window.palinsesto.composer;
  if (!composer) return;
  const { form, changed } = composer, HOLD_MS = 350, STEP_PX = 5;

  function take(box, html) {
    const holder = document.createElement('ol'), list = box.querySelector('[data-picture-list]');
    holder.innerHTML = html;
    const fresh = [];
    for (const item of [...holder.children]) {
      if (item.dataset.uploadProblem !== undefined) { say(box, item.textContent, true); continue; }
      if (!list.querySelector(`[data-picture="${item.dataset.picture}"]`)) { list.append(item); fresh.push(item); }
    }
    // whoever has just chosen files goes on with what is to be seen on them; who writes elsewhere is left alone
    if (fresh.length && box.querySelector('.row').contains(document.activeElement)) fresh[0].querySelector('textarea').focus();
    changed();
  }
  function say(box, text, isProblem) {
    const line = document.createElement('p');
    line.className = isProblem ? 'small problem' : 'small muted';
    line.textContent = text;
    box.querySelector('[data-upload-state]').append(line);
  }
  function send(box, files) {
    if (!files.length) return;
    const state = box.querySelector('[data-upload-state]'), bar = document.createElement('progress'), share = document.createElement('p');
    state.replaceChildren();
    bar.className = 'bar-line'; bar.max = 1; bar.value = 0; bar.setAttribute('aria-label', box.dataset.busy);
    share.className = 'small muted num'; share.setAttribute('aria-hidden', 'true'); share.textContent = box.dataset.busy;
    state.append(bar, share);
    const body = new FormData(), request = new XMLHttpRequest();
    for (const file of files) body.append('upload', file);
    body.append('prefix', box.dataset.pictures);
    request.open('POST', box.dataset.upload);
    request.setRequestHeader('X-CSRFToken', form.querySelector('[name=csrfmiddlewaretoken]').value);
    request.setRequestHeader('X-Composer', 'yes');
    request.upload.addEventListener('progress', event => { if (event.lengthComputable) { bar.value = event.loaded / event.total; share.textContent = `${box.dataset.busy} ${Math.round(bar.value * 100)} %`; } });
    request.addEventListener('loadend', () => {
      bar.remove(); share.remove();
      const isOurs = request.responseURL.endsWith(box.dataset.upload);
      if (isOurs && (request.status === 200 || request.status === 422)) take(box, request.responseText); else say(box, box.dataset.failed, true);
    });
    request.send(body);
  }

  function wire(box) {
    const picker = box.querySelector('input[type=file]');
    picker.addEventListener('change', event => { event.stopPropagation(); send(box, [...picker.files]); picker.value = ''; });
    for (const name of ['dragover', 'dragleave', 'drop']) {
      box.addEventListener(name, event => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        box.classList.toggle('over', name === 'dragover');
        if (name === 'drop') send(box, [...event.dataTransfer.files]);
      });
    }
    box.addEventListener('click', event => {
      const button = event.target.closest('[data-picture] button[name=arrange]');
      if (!button) return;
      event.preventDefault();
      arrange(box, button, button.closest('[data-picture]'), button.value.split(':').at(-1));
    });
    box.addEventListener('pointerdown', event => { if (event.target.closest('[data-grip]') && !event.button) grip(event); });
  }
  form.querySelectorAll('[data-pictures]').forEach(wire);
  composer.wire = wire;
  composer.take = take;
  form.addEventListener('paste', event => {
    const files = [...(event.clipboardData?.files || [])].filter(file => file.type.startsWith('image/'));
    if (!files.length) return;
    event.preventDefault();
    const place = event.target.closest('[data-part], .channel');
    const own = (place?.matches('[data-part]') || place?.querySelector('[data-own-media]:checked')) && place.querySelector('[data-pictures]');
    send(own || form.querySelector('[data-pictures=""]'), files);
  });
  function arrange(box, button, item, how) {
    if (how === 'away') { (item.nextElementSibling || item.previousElementSibling || box).querySelector('textarea, input')?.focus(); item.remove(); }
    if (how === 'up' && item.previousElementSibling) item.previousElementSibling.before(item);
    if (how === 'down' && item.nextElementSibling) item.nextElementSibling.after(item);
    if (how !== 'away') { button.focus(); tell(item); }
    changed();
  }
  function tell(item) {
    const all = [...item.parentElement.children];
    window.palinsesto.say(`${item.closest('[data-pictures]').dataset.moved} ${all.indexOf(item) + 1} / ${all.length}`);
  }

  // dragging by the picture: a mouse after five pixels, a finger after a moment's hold; Esc puts it back
  function grip(down) {
    const item = down.target.closest('[data-picture]'), list = item.parentElement, back = item.nextElementSibling;
    const byFinger = down.pointerType === 'touch';
    let isOn = false;
    const timer = byFinger && setTimeout(() => { isOn = true; item.classList.add('lifted'); }, HOLD_MS);
    const move = event => {
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
      if (!isOn && byFinger && far > STEP_PX) return end();
      if (!isOn && far < STEP_PX) return;
      isOn = true;
      item.classList.add('lifted');
      const over = [...list.children].find(one => { const at = one.getBoundingClientRect(); return one !== item && event.clientY > at.top && event.clientY < at.bottom; });
      if (!over) return;
      const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
      if (event.clientY < middle) over.before(item); else over.after(item);
    };
    const still = event => { if (isOn) event.preventDefault(); };
    const key = event => { if (event.key === 'Escape') { if (back) back.before(item); else list.append(item); end(); } };
    const drop = () => { const moved = isOn; end(); if (moved) { tell(item); changed(); } };
    function end() {
      clearTimeout(timer);
      isOn = false;
      item.classList.remove('lifted');
      document.removeEventListener('pointermove', move); document.removeEventListener('pointerup', drop);
      document.removeEventListener('pointercancel', end); document.removeEventListener('keydown', key);
      document.removeEventListener('touchmove', still);
    }
    if (!byFinger) down.preventDefault();
    document.addEventListener('pointermove', move); document.addEventListener('pointerup', drop);
    document.addEventListener('pointercancel', end); document.addEventListener('keydown', key);
    document.addEventListener('touchmove', still, { passive: false });
  }
})();
