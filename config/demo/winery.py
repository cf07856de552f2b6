"""A month of Cantina Valdoro: forty posts as a winery would write them."""

from config.demo.copy import DEBATE, INFO, OFFER, Copy, Fate

MAIN, SHOP = "cantinavaldoro", "valdoro_bottega"
BOTH = (MAIN, SHOP)

VISITS = {
    "purpose": "Riempire le visite del sabato e far capire che si viene per imparare, non solo per bere.",
    "claims": "La visita dura un’ora e mezza, costa 18 € con tre assaggi, i bambini non pagano.",
    "agreed_answers": "Cani: benvenuti al guinzaglio. Domenica: solo gruppi da otto persone, su richiesta.",
    "question": "Qual è la prima cosa che guardate quando entrate in una cantina?",
    "thread_plan": "Risponde Paolo entro due ore; dopo due giorni un riassunto delle risposte.",
    "expert": "Dario Conti, cantiniere",
}
SHIPPING = {
    "purpose": "Far ordinare dalla bottega in rete e togliere i dubbi sulla spedizione.",
    "claims": "Cassette da sei, imballo in cartone riciclato, consegna in due o tre giorni in Italia.",
    "agreed_answers": "Bottiglie rotte: ci scusiamo, chiediamo una foto in privato, rispediamo il giorno dopo senza spese. "
    "Germania: sì, consegna in cinque giorni, 24 € a cassetta. Vegani: il rosso e il bianco sì, dal 2021.",
    "question": "",
    "thread_plan": "Prima risposta in pubblico, poi in privato; sentire sempre Dario sullo stato del magazzino.",
    "expert": "Dario Conti, cantiniere",
}
CORK = {
    "purpose": "Spiegare una scelta tecnica senza difendersi, e sentire come la pensa chi beve.",
    "claims": "Tappo a vite sul bianco giovane dal 2023; sughero naturale sui rossi che riposano.",
    "agreed_answers": "Prezzo: il tappo a vite non ci fa risparmiare. Riciclo: va con l’alluminio, il sughero si riporta in bottega.",
    "question": "Voi da che parte state?",
    "thread_plan": "Paolo ringrazia ognuno; nessuna gara, le due scuole hanno le loro ragioni.",
    "expert": "Dario Conti, cantiniere",
}
GLASS = {
    "purpose": "Far conoscere un vino alla settimana e dire dove si trova.",
    "claims": "Valdoro rosso: 12 € in bottega. Il 2022 è finito, il 2023 esce a marzo.",
    "agreed_answers": "Dove si compra: bottega e sito; l’elenco delle enoteche è nella pagina Dove siamo.",
    "question": "",
    "thread_plan": "",
    "expert": "Dario Conti, cantiniere",
}

POSTS: tuple[Copy, ...] = (
    Copy(-9, "18:30", INFO, "Le mani in vigna",
         "Ogni filare ha la sua mano. Chi pota da noi lo fa da vent’anni e riconosce una vite come si riconosce un vicino di casa: "
         "dal modo in cui si piega.", "vigna", (MAIN,), Fate.OUT),
    Copy(-8, "12:15", INFO, "Ricetta: brasato al rosso di casa",
         "Una bottiglia per la pentola, una per la tavola. Carote, sedano, due chiodi di garofano, tre ore di fuoco lento. "
         "Il trucco? Il giorno dopo è più buono. #ricettedicasa", "piatto", (MAIN,), Fate.OUT),
    Copy(-7, "09:00", OFFER, "La cassetta degli indecisi",
         "Due rossi, due bianchi, due bollicine: sei bottiglie per chi non sa scegliere. 59 € invece di 68, finché ce n’è. "
         "Si ordina in bottega o dal sito.", "bottiglie", (SHOP,), Fate.OUT, link="https://cantinavaldoro.example/cassette"),
    Copy(-6, "18:00", DEBATE, "Tappo a vite o sughero?",
         "Lo diciamo: sul nostro bianco giovane il tappo a vite è la scelta migliore. Nessun odore di tappo, si richiude, si ricicla. "
         "Il rosso che riposa, invece, resta al sughero. Voi da che parte state?", "bottiglie", (MAIN,), Fate.OUT, brief=CORK,
         heard=(("tommaso_g", "Sughero tutta la vita: il rumore del tappo fa metà della cena."),
                ("anna_weber", "Da noi in Germania il tappo a vite non scandalizza più nessuno. Sul bianco avete ragione."))),
    Copy(-5, "10:00", OFFER, "Visite guidate del sabato",
         "Si parte alle 11 e alle 16: vigna, barricaia, tre assaggi. Un’ora e mezza, 18 €, i bambini entrano gratis e trovano "
         "i colori. Posti: dodici per giro.", "botti", BOTH, Fate.OUT,
         heard=(("ines_moro", "Si può venire con il passeggino? Abbiamo un bimbo di otto mesi."),), brief=VISITS),
    Copy(-4, "17:00", INFO, "Che cosa fa un cantiniere alle sei",
         "Ascolta. Dario gira fra i tini prima che si accenda la luce: il vino che fermenta fa un rumore preciso, e quando cambia "
         "vuol dire che ha bisogno di qualcosa.", "botti", (MAIN,), Fate.OUT),
    Copy(-3, "12:30", INFO, "Il calice della settimana: Valdoro rosso",
         "Ciliegia, una punta di pepe, un finale che non ha fretta. Servitelo a 16 gradi: in casa, d’inverno, venti minuti sul "
         "balcone bastano.", "calice", (MAIN,), Fate.OUT, brief=GLASS,
         heard=(("luca_bassi", "Quanto costa in bottega? E ne tenete ancora del 2022?"),)),
    Copy(-2, "18:00", INFO, "Cassette regalo, come le prepariamo",
         "Carta di paglia, uno spago, un biglietto scritto a mano da noi con le parole vostre. Le confezioniamo il mattino e "
         "partono nel pomeriggio.", "regalo", (SHOP,), Fate.FAILED),
    Copy(-1, "09:30", INFO, "Nebbia",
         "Stamattina la vigna finiva al terzo filare. Poi, piano, è tornato il resto.", "inverno", (MAIN,), Fate.OUT,
         heard=(("marta_r", "Questa la stampo e la appendo in cucina."),)),
    Copy(-1, "18:30", DEBATE, "Il vino naturale non è un’etichetta",
         "Parola bella, definizione incerta. Noi scriviamo in bottiglia quello che c’è: uva, e la solforosa che serve. "
         "Che cosa vorreste leggere sul retro di una bottiglia?", "etichetta", (MAIN,), Fate.MISSED),
    Copy(0, "soon", OFFER, "Spedizioni: sei bottiglie, due giorni",
         "Ordini oggi, domani la cassetta parte, dopodomani è da te. Imballo di cartone riciclato, niente polistirolo, e se una "
         "bottiglia si rompe la rispediamo noi.", "regalo", (MAIN,), Fate.SOON, brief=SHIPPING),
    Copy(0, "soon", DEBATE, "Il decanter serve davvero?",
         "Per i nostri rossi giovani: no, basta aprire un’ora prima. Per una bottiglia che dorme da dieci anni: sì, e con pazienza. "
         "Chi di voi lo usa ogni giorno, e perché?", "calice", (MAIN,), Fate.SOON,
         brief={"purpose": "Aprire una discussione fra chi beve ogni giorno e chi colleziona.",
                "claims": "Rossi giovani: un’ora di bottiglia aperta basta. Dopo dieci anni: decanter.",
                "agreed_answers": "Nessuno beve nel modo sbagliato: si ringrazia e si racconta il nostro.",
                "question": "Chi di voi usa il decanter ogni giorno, e perché?",
                "thread_plan": "Ospita Paolo; domani pomeriggio una prima sintesi, venerdì la chiusura con la risposta di Dario.",
                "expert": "Dario Conti, cantiniere"}),
    Copy(1, "09:15", INFO, "Degustazione per due",
         "Un tavolo accanto al camino, cinque calici, un tagliere. Si prenota la mattina per la sera, due persone alla volta.",
         "calice", (MAIN,), Fate.SCHEDULED),
    Copy(1, "17:30", INFO, "La vigna d’inverno",
         "Sembra ferma e invece lavora: le radici vanno a prendere quello che servirà ad aprile. Noi intanto potiamo, ramo per ramo.",
         "inverno", BOTH, Fate.SCHEDULED),
    Copy(2, "12:30", OFFER, "Dietro le quinte: imbottigliamento",
         "Sabato apriamo la linea: si vede il vino entrare in bottiglia, si mette un’etichetta a mano e la si porta a casa. "
         "Dieci posti, 12 € con la bottiglia.", "bottiglie", (MAIN,), Fate.SCHEDULED),
    Copy(2, "18:00", INFO, "Quiz: che vitigno è?",
         "Acino piccolo, buccia spessa, si vendemmia per ultimo. Chi indovina entro domani sera beve un calice offerto da noi.",
         "uva", (MAIN,), Fate.SCHEDULED),
    Copy(3, "10:30", OFFER, "Visite: ultimi posti",
         "Sabato alle 16 restano quattro posti. Scarpe comode, golf pesante: in barricaia ci sono dodici gradi tutto l’anno.",
         "botti", BOTH, Fate.SCHEDULED, brief=VISITS),
    Copy(3, "18:30", INFO, "Il pane della bottega",
         "Da oggi ogni venerdì in bottega c’è il pane di Ines: lievito madre, cottura a legna. Finisce presto.", "",
         (SHOP,), Fate.PAUSED, weekday=4),
    Copy(4, "09:30", DEBATE, "La nuova etichetta",
         "Stesso vino, abito nuovo. L’ha disegnata una ragazza del paese, e non è piaciuta subito a tutti: nemmeno in casa. "
         "Vecchia o nuova, quale mettereste in tavola?", "etichetta", BOTH, Fate.SCHEDULED,
         own_texts={SHOP: "La nuova etichetta è arrivata in bottega. La vecchia resta sullo scaffale finché dura: passate a "
                          "guardarle una accanto all’altra, e diteci quale mettereste in tavola."}),
    Copy(4, "12:00", INFO, "Ricetta: polenta e funghi",
         "Fuori nebbia, dentro polenta. La nostra è a grana grossa, girata per quaranta minuti, con funghi porcini e un filo d’olio "
         "nuovo. Nel calice un rosso che con il sottobosco va d’accordo. #ricettedicasa", "piatto", (MAIN,), Fate.WITH_CLIENT),
    Copy(5, "18:00", INFO, "Aperitivo del venerdì",
         "Bianco fresco, olive, il formaggio di Gino e nessun telefono sul tavolo. Dalle 18 alle 20, in bottega.", "calice",
         (SHOP,), Fate.WITH_CLIENT, weekday=4),
    Copy(6, "10:00", OFFER, "Cori in cantina",
         "Domenica pomeriggio il coro del paese canta fra le botti. Entrata libera, un bicchiere per scaldarsi, le offerte vanno "
         "alla scuola di musica.", "botti", (MAIN,), Fate.WITH_CLIENT),
    Copy(7, "09:30", OFFER, "Regali sotto i 30 euro",
         "Tre idee che stanno in una mano: la mezza bottiglia di passito, il cavatappi di legno d’ulivo, il buono per una visita.",
         "regalo", BOTH, Fate.WITH_CLIENT, link="https://cantinavaldoro.example/regali"),
    Copy(7, "13:00", INFO, "La vendemmia in cinque numeri",
         "14 giorni, 9 persone, 61 quintali, una notte di temporale, zero grappoli buttati. Il resto lo direte voi fra tre anni.",
         "uva", (MAIN,), Fate.WITH_CLIENT),
    Copy(8, "12:15", INFO, "Il calice della settimana: il rosato",
         "«Il rosato è un vino a metà.» No: è uva rossa che resta poco con la buccia, e ci vuole più attenzione che per un rosso. "
         "Convinceteci del contrario.", "calice", (MAIN,), Fate.WITH_CLIENT),
    Copy(9, "09:00", INFO, "Intervista all’enologa",
         "«La vendemmia più calda degli ultimi vent’anni ci ha insegnato ad aspettare la notte.» Sara racconta come è nato il rosso "
         "di quest’anno, e perché la botte grande è tornata.", "ritratto", BOTH, Fate.CHANGES,
         words="Possiamo togliere il nome del fornitore? E la foto in cantina mi piace di più di quella in ufficio."),
    Copy(9, "18:00", DEBATE, "Potatura, passo per passo",
         "Corta o lunga? Ogni anno in vigna se ne discute, e ogni anno ha ragione la pianta. Cinque tagli, spiegati da chi li fa.",
         "vigna", (MAIN,), Fate.IN_REVIEW),
    Copy(10, "10:00", OFFER, "Passito e cantucci",
         "La coppia che chiude la cena: mezza bottiglia e un sacchetto di cantucci del forno, 21 €. In bottega e per spedizione.",
         "regalo", (SHOP,), Fate.WITH_CLIENT),
    Copy(10, "18:00", OFFER, "Sconto per chi arriva in bici",
         "Chi viene pedalando ha il dieci per cento in bottega e un posto al coperto per la bici. La salita la offriamo noi.", "",
         (SHOP,), Fate.REFUSED, words="Quest’anno no: la rastrelliera non è pronta e d’inverno la strada è brutta."),
    Copy(11, "12:00", INFO, "Da dove viene il nome",
         "Val d’oro: non per il metallo, per il colore che prende la valle alle cinque di un pomeriggio d’ottobre.", "vigna",
         BOTH, Fate.WITH_CLIENT),
    Copy(12, "09:30", INFO, "Come leggere un’etichetta",
         "Annata, zona, gradazione, e quella riga piccola che nessuno legge: imbottigliato da chi. Vi spieghiamo perché è la più "
         "importante.", "etichetta", (MAIN,)),
    Copy(13, "17:00", INFO, "Chi c’è dietro il banco",
         "Marta conosce a memoria gli abbinamenti e non ve ne imporrà nessuno. Se siete indecisi, chiedetele che cosa beve lei.",
         "ritratto", (SHOP,)),
    Copy(14, "12:15", INFO, "Il calice della settimana: il bianco di pietra",
         "Nasce dove il trattore non passa. Sale, fieno, limone: con il pesce, ma anche con un libro.", "calice", (MAIN,)),
    Copy(15, "18:00", DEBATE, "Meno bottiglie, meglio bevute",
         "Beviamo tutti un po’ meno, e va bene così. Una cantina può dirlo? Noi crediamo di sì, e vi diciamo come ci organizziamo.",
         "bottiglie", (MAIN,), Fate.IN_REVIEW),
    Copy(16, "10:00", OFFER, "Adotta un filare",
         "Il tuo nome su un cartellino di legno, due visite all’anno, sei bottiglie della tua fila. Cento filari, da 120 €.", "vigna",
         BOTH),
    Copy(16, "18:30", INFO, "Sondaggio: che cosa cuciniamo?",
         "La prossima ricetta la scegliete voi: risotto al rosso, coniglio all’uva o torta di vino. Scrivetelo qui sotto.", "piatto",
         (MAIN,)),
    Copy(17, "09:00", INFO, "Il legno nuovo",
         "Sono arrivate quattro botti di rovere. Odorano di vaniglia e di bosco; per un anno saranno la cosa più profumata della casa.",
         "botti", (MAIN,)),
    Copy(18, "12:00", INFO, "Dodici mesi in dodici scatti",
         "Abbiamo riguardato le foto di un anno intero di vigna. Ne mostriamo dodici, una al giorno, senza filtri.", "uva", BOTH),
    Copy(19, "17:00", INFO, "La pioggia, finalmente",
         "Trenta millimetri in una notte, senza grandine. Chi ha una vigna sa che cosa vuol dire dormire bene.", "inverno", (MAIN,)),
    Copy(20, "10:00", DEBATE, "Il prezzo di una bottiglia",
         "Vetro, tappo, etichetta, lavoro, tempo: ecco dove vanno i 12 € del nostro rosso, voce per voce. Fateci le domande scomode.",
         "etichetta", (MAIN,), Fate.IN_REVIEW),
)
