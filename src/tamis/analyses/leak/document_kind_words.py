"""The words that earn a label, in French and English.

Written without accents, in lower case; a plural s or x is not needed, a star ends a beginning.
Weights: 3 says it alone, 2 with little beside it, 1 with others.
"""

from __future__ import annotations

WORDS: dict[str, dict[int, str]] = {
    "finance": {
        3: """
            tresorerie, previsionnel, cash flow, balance sheet, bilan comptable, compte de
            resultat, releve bancaire, bank statement, expert comptable, budget de campagne,
            annual account, rapprochement bancaire, plafond legal, campaign finance,
            fundraising, bridge loan, ebitda, mandataire financier, decouvert bancaire,
            overdraft, profit and loss, cash position, bank reconciliation, compte de campagne,
            campaign account
        """,
        2: """
            budget, subvention, emprunt, loan, pret, donation, donor, don en ligne, recette,
            depense, comptable, comptabilite, auditor, auditeur, audit, revenue, dividend*,
            shareholder, ledger, capital restant, mensualite, instalment, solde du compte,
            closing balance, forecast, interest expense, principal, excedent, surplus, grant
            income, fixed cost, charge fixe, credit bancaire, ligne de credit, encaisse*,
            cheque, spending, expense*, decouvert, provision*, reconcil*, transaction, impot,
            fiscal, donateur, pledge, write down, deficit, levee de fond, gala, amortissement,
            dette, debt, bilan, solvabilite, invest*, cotisation, turnover, chiffre d affaire,
            payback, collecte, apport personnel
        """,
        1: """
            banque, bank, financ*, tresorier, treasurer, taux, rate, virement, transfer, don,
            euro, million, trimestre, quarter, solde, balance, fond, fund, chiffre, figure,
            gagner, sorti, rentre, spend, spent, cost, cout, cash, k, compte
        """,
    },
    "contract": {
        3: """
            entre les soussigne, entre les soussignes, il a ete convenu, ci apres, the parties
            agree, hereinafter, this agreement, accord de confidentialite, non disclosure
            agreement, nda, in witness whereof, terms and conditions, conditions generales,
            avenant, tacite reconduction, memorandum of understanding, governing law, service
            agreement, conditions particulieres, governed by the law, convention de partenariat,
            countersigned, contre signe, signature electronique, break option, clause de sortie,
            letter of intent, lettre d intention, protocole d accord, cahier des charge,
            subcontract*, sous traitance
        """,
        2: """
            contrat, contract, bail, lease, clause, resilier, resiliation, terminate this,
            preavis, prestataire, contractor, supplier, convention, agreement, signataire,
            undersigned, parapher, amendment, obligation des partie, obligations of each party,
            either party, each party, licence, license, mandat, exclusivite, exclusive, cession
            de droit, depot de garantie, bon pour accord, deed, counterpart, liability, paraph*,
            landlord, tenant, bailleur, loueur, locataire, redline, indemnity, indemni*,
            binding, termination, rupture du contrat, negoci*, renouvellement, renewal,
            warranty, cession, engagement ferme, assignor, exclusivity
        """,
        1: """
            signe, signed, sign, signer, accord, duree, term, renouvelable, renewable, partie,
            party, partenariat, annexe, annex, effective date, deux exemplaires, deal, engage,
            reserve, propriete, ownership, draft, version definitive, agence, agency
        """,
    },
    "invoice": {
        3: """
            facture, invoice, net a payer, amount due, total ttc, montant ttc, credit note,
            avoir de, bon de commande, purchase order, note d honoraire, payment term, echeance
            30 jour, tva intracommunautaire, vat number, facturee, facture n, penalite de
            retard, statement of account, due on receipt, paiement a reception, toutes taxe
            comprise, remittance, proforma, pro forma, numero de facture, accounts payable
        """,
        2: """
            ttc, ht, tva, vat, siret, siren, overdue, impaye, payable, remit*, subtotal, unit
            price, prix unitaire, receipt, recu joint, billed, reglement par, net 30, montant
            ht, relance, our bill, the bill, total paid, quantite, quantity, second notice, rib,
            outstanding, acompte, deposit due, a regler, a payer, unpaid, echeance, settle,
            arriere, tarif, facturation, billing, devis, quotation, prestation, traiteur, plus
            vat, until he is paid, waiting for his
        """,
        1: """
            regler, reglement, payment, payer, paid, commande, order, due, total, montant, tax,
            rappel, livrer, caterer, half day, demi journee, euro, solde
        """,
    },
    "payroll": {
        3: """
            bulletin de paie, fiche de paie, bulletin de salaire, payslip, payroll, salaire
            brut, gross pay, net pay, urssaf, cotisation salariale, cotisations salariales,
            conges paye, conges payes, heures supplementaire, w 2, charges patronale, employer
            contribution, tax withheld, tickets restaurant, timesheet, heures sup,
            gratification, feuille de paie, pay slip, paycheck, pay rise, augmentation de
            salaire, smic, minimum wage, solde de tout compte, per diem
        """,
        2: """
            salaire, salary, salaries, paie, wage, remuneration, rtt, annual leave, sick leave,
            bonus, stipend, indemnite, pension, conge, overtime, days of leave, embauche, new
            hire, probation, periode d essai, mutuelle, health insurance, withholding, treizieme
            mois, treize mois, temps plein, full time, part time, temps partiel, per hour, de l
            heure, gagne, earn, earns, allowance, days off, jour de repos, staffer, stagiaire,
            arret maladie, maternity, retraite, assistant parlementaire, cdd, cdi, severance,
            licenciement
        """,
        1: """
            rh, hr, employee, employe, collaborateur, stage, intern, brut, gross, prime, social
            security, touche, deposit, contract of employment, heure, organiser
        """,
    },
    "press": {
        3: """
            communique de presse, press release, for immediate release, conference de presse,
            press conference, sous embargo, embargo, embargoed, contact presse, media contact,
            press kit, dossier de presse, media kit, revue de presse, press clipping, element de
            langage, elements de langage, talking point, op ed, tribune, on the record, afp,
            depeche, accreditation, chaine info, evening show, sunday paper, media call, appels
            des media, 20 heure, porte parole, spokesperson, spokesman, off the record, breaking
            news, service de presse
        """,
        2: """
            journaliste, journalist, reporter, interview, redaction, editorial, editor,
            matinale, quotidien, attache de presse, press office, article, newspaper, on
            deadline, antenne, passage tele, tv appearance, radio, plateau, reuters, newsroom,
            anchor, herald, magazine, presentateur, presenter, exclusive, scoop, wire,
            chronique, reaction, podcast, caricature, photographe, une du, headline, front page,
            columnist, broadcast*, reportage, tournage, libre antenne, invite de
        """,
        1: """
            presse, press, media, publier, publish, edition, declaration, statement, quote,
            citation, tele, tv, comment, story, paper, papier, appel, sort un, piece, matin,
            live, direct
        """,
    },
    "legal": {
        3: """
            tribunal, mise en demeure, mettons en demeure, cease and desist, cour d appel,
            plaintiff, defendant, subpoena, attorney client, affidavit, assignation,
            contentieux, litigation, juge des referes, code electoral, code penal, lawsuit,
            diffamation, huissier, injunction, plainte, partie adverse, note juridique, legal
            memo, case law, jurisprudence, procureur, conseil d etat, conseil constitutionnel,
            time barred, prescription, depose, supreme court, cour de cassation, legal action,
            poursuite judiciaire, perquisition, garde a vue, gdpr, rgpd, court order
        """,
        2: """
            avocat, lawyer, attorney, solicitor, counsel, court, judge, juge, hearing, audience,
            jugement, statute, procedure, appel, appeal, brief, maitre, penal, penale,
            juridique, legal, cnil, donnees personnelle, reglementation, decret, regulation,
            proces verbal, complaint, summons, damage, elections act, sworn, infringing,
            recours, inquiry, enquete, preserve record, defamation, libel, claim, settlement,
            arbitrat*, testif*, temoin, witness, loi de, loi du, loi n, representation of the
            people, infraction, offence, offense, violation, compliance, conformite, perjury,
            sanction, verdict du tribunal, our conseil, nos conseil, act of
        """,
        1: """
            loi, law, article l, responsabilite, liability, conclusion, dossier, section,
            motion, exhibit, decision, print that, imprimer cela, commission, justice, droit,
            right, act
        """,
    },
    "logistics": {
        3: """
            itineraire, billet de train, boarding, check in, gare routiere, bus station, load
            in, planning des benevole, volunteer schedule, covoiturage, navette, shuttle,
            feuille de route, pick me up at, venir chercher, vient me chercher, groupe
            electrogene, seating plan, plan de table, run of show, conducteur de la soiree, car
            hire, location de voiture
        """,
        2: """
            hotel, livraison, delivery, depart, departure, departs, arrivee, arrival, train,
            flight, vol, car, coach, coaches, camion, camionnette, truck, van, sono, sound
            system, barriere, barrier, montage, chaise, chair, parking, benevole, volunteer,
            venue, projecteur, videoprojecteur, projector, chambre, reserve, reserved,
            reservation, booked, tente, tent, vestiaire, cloakroom, catering, gate, seat, place,
            bagage, bag, ouverture des porte, doors open, aeroport, airport, atterri*, valise,
            suitcase, luggage, barnum, marquee, generator, banner, banderole, kakemono,
            dejeuner, diner, dinner, taxi, rendez vous, trajet, route, bus, metro, ferry,
            portail, dawn, aube, decale, moved to, same place, meme endroit, stand, stage
            manager, buffet, affichage, tract, collage, leaflet, porte a porte, door to door
        """,
        1: """
            salle, room, retour, return, gare, station, repas, lunch, lunches, materiel,
            equipment, nuit, night, planning, schedule, meeting, reunion, accueil, louer, rent,
            samedi, saturday, midi, noon, huit, eight of us, endroit, apporter, bring, demain
        """,
    },
    "personal": {
        3: """
            mon cheri, ma cherie, tu me manque, i miss you, bisou, gros bisous, joyeux
            anniversaire, happy birthday, je t embrasse, t embrasse, hugs, kisses, my love, mon
            amour, sweetheart, darling, ma belle, lots of love, grandma, mamie, papi, xoxo,
            chimio, chemo, chemotherapy, je pense a toi, je pense bien a toi, thinking of you,
            je t aime, i love you, grandpa, grand mere, grand pere, mes condoleance, condolences
        """,
        2: """
            maman, papa, mum, mom, dad, enfant, kid, vacance, holiday, cousin, soeur, sister,
            frere, brother, bebe, baby, famille, family, mariage, wedding, divorce, rupture,
            hopital, hospital, medecin, doctor, docteur, fievre, fever, anniversaire, birthday,
            surgery, gateau, coucou, ton mari, ta femme, husband, wife, noel, christmas, cried,
            pleure, chagrin, twin, jumeau, chien, dog, chat, divorce*, amoureu*, couple,
            enceinte, pregnant, my son, my daughter, mon fils, ma fille, ma mere, mon pere, ta
            mere, ton pere, call me when, fool, ridicule, courage, malade, sick, sante, funeral,
            enterrement, obseques, copain, copine, girlfriend, boyfriend, school on, apero,
            coeur, silly me, i waited, je t ai attendu
        """,
        1: """
            maison, home, samedi, tendresse, love, love you, bonne nuit, ecole de, pick her up,
            ce soir, tonight, party, fete, ami, friend, voisin, neighbour, neighbor, triste,
            sad, seul, alone, pluie, felt, sentie
        """,
    },
    "credentials": {
        3: """
            mot de passe, mots de passe, password, passphrase, mdp, identifiant, username, code
            pin, code de verification, verification code, api key, cle api, private key, cle
            privee, wifi, two factor, double authentification, two step, backup code, code d
            acces, passwd, password manager, code du portail, alarm code, code d alarme, gate
            code, shared inbox, boite commune, access code, door code, one time code, code a
            usage unique, recovery code, compte pirate, hacked, pirate*, phishing, hameconn*
        """,
        2: """
            login, vpn, token, connexion, sign in, authentification, authentication, acces au
            serveur, compte et mot, ssh, pin, utilisateur, reinitialis*, reset, passe, pass,
            rotate, logged in, connecte*, log in, se connecter, entrer sur l outil, get into the
            tool, droit d acces, tous vos acces, coffre fort, 2fa, mfa, sso, badge, hack*,
            intrusion, trousseau
        """,
        1: """
            acces, access, user, compte, account, serveur, server, connecter, code, expire,
            secret, outil, tool, a personne, tell anyone, etranger, change
        """,
    },
}
