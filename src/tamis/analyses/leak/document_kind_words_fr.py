"""The French words that earn a label.

Written without accents, in lower case; a plural s or x and the second e of a feminine are not
needed, a star ends a beginning. Weights: 3 says it alone, 2 with little beside it, 1 with others.
Under `other` stands what speaks for none of the labels; under 0 what a word is not to be taken for.
"""

from __future__ import annotations

FRENCH: dict[str, dict[int, str]] = {
    "finance": {
        3: """
        appel aux don, association de financement, assurance vie, avance remboursable, balance
        generale, bilan comptable, budget de campagne, budget previsionnel, campagne de don,
        capitaux propre, cash flow, cloture des comptes, cnccfp, commissaire aux compte, commission
        des comptes de campagne, compte annuel, compte bancaire, compte de campagne, compte de
        depot, compte de resultat, cout total, credit impot, decouvert bancaire, ebitda, ecriture
        comptable, etat des rentrees, exercice clos, expert comptable, fundraising, grand livre,
        gros contributeur, gros donateur, interet d emprunt, levee de fond, liasse fiscale, livre
        de compte, mandataire financier, note de frais, plafond de depenses, plafond des depenses,
        plafond legal, plan comptable, plan de financement, plan de tresorerie, previsionnel,
        rapprochement bancaire, recu don, recu fiscal, reduction d impot, releve bancaire, releve
        de compte, remboursement de l etat, remboursement forfaitaire, resultat net, soldes
        bancaires, tresorerie, trou dans la caisse
        """,
        2: """
        actionnaire, amortiss*, apport du candidat, apport personnel, audit, auditeur, banquier,
        bilan, bordereau de remise, bourse, budget, budget*, budgete, budgeter, cagnotte, caisse,
        capital restant, capital social, caution, charge fixe, cheque, chiffrage du budget, chiffre
        d affaire, collecte, collecter, combien il reste, combler, comptabilite, comptable, compte
        courant, comptes certifie, contributeur, cotisation des adherents, credit bancaire, dans le
        rouge, decaiss*, decouvert, deficit*, depense, depenser, dette, dividend*, don en ligne,
        donateur, donation, donatrice, donner plus de, dons en espece, dons par cheque, echeancier,
        economies, emprunt*, encaiss*, enveloppe budgetaire, epargne, excedent, fiscal*, fonds
        propre, grands donateurs, hors budget, hypotheque, imposition, impot, imput*,
        investissement, justificatif de depense, les rentrees, ligne de credit, livret, livret a,
        mensualite, micro don, obligation d etat, ou va l argent, patrimoine, placement, plus
        value, prelevement, pret, pret bancaire, preteur, promesse de don, provision*, recette,
        rembours*, remboursement du pret, rentree d argent, rentree de don, solde du compte,
        solvabilite, sous budget, subvention, surcout, tantieme, taux d interet, transaction,
        tresorier, tresoriere, trou de, trou de tresorerie, turnover, ventil*, virement
        """,
        1: """
        actif, argent, balance, bancaire, banque, banquier prive, cash, chiffre, compte, cout,
        credit, don, economie de, engage, euro, exercice, financ*, fond, iban, interet,
        justificatif, k, marge, million, montant, numeraire, passif, plafond, plafonne, reserve,
        reste, solde, somme, taux, tranche, trimestre, versement, verser
        """,
    },
    "contract": {
        3: """
        a signer et a renvoyer, accord de confidentialite, acte de vente, avenant, bail, bail
        commercial, bail d habitation, bail mobilier, bail precaire, cahier des charge, cession de
        droit, ci apres, clause d annulation, clause d exclusivite, clause de confidentialite,
        clause de sortie, clause resolutoire, compromis de vente, condition generale, condition
        particuliere, condition suspensive, contrat a duree determinee, contrat a duree
        indeterminee, contrat cadre, contrat de cession, contrat de licence, contrat de prestation,
        contrat de pret, contrat de travail, contrat signe, contre signe, convention de
        partenariat, de plein droit, depot de garantie, docusign, droit d auteur, droits d
        exploitation, engagement de confidentialite, entre les soussigne, etat des lieux, il a ete
        convenu, information confidentielle, les parties convienne, les parties s engage, lettre d
        intention, lu et approuve, mandat de vente, mise a disposition de locaux, nda, non
        concurrence, pacte d actionnaire, part sociale, present accord, present contrat, presente
        convention, promesse de vente, protocole d accord, reconduction tacite, regi par le droit,
        renouveler le contrat, signature electronique, signer le contrat, sous location, sous
        traitance, tacite reconduction
        """,
        2: """
        acquereur, annulation, bailleur, bon pour accord, cedant, ceder, cessionnaire, chacune des
        partie, chaque partie, clause, concedant, condition d utilisation, confidentialite,
        contractuel, contrat, contresign*, convention, cosign*, deux exemplaire, divulguer,
        engagement de, engagement ferme, exclusif, exclusivite, exemplaire, force majeure,
        garantie, garde l acompte, le client, le mandant, le mandataire, le vendeur, licence,
        locataire, loueur, loyer, mandat, mettre fin au contrat, negoci*, non divulgation,
        obligation contractuelle, obligation des partie, paraph*, parapher, penalite, preavis,
        preneur, prestataire, qui possede, reconduction, renouvellement, resili*, resilier, rupture
        du contrat, s engager sur, signataire, signature des presente, trois originaux
        """,
        1: """
        accord, agence, annexe, annuler, article, conclu, condition, disposition, duree, echeance,
        engage, mise a disposition, modele ci joint, moyennant, original, partenariat, partie,
        present, promesse, propriete, renouvelable, s engage, signature, signe, signer, terme,
        titre gratuit, usage, version definitive
        """,
    },
    "invoice": {
        3: """
        a reception de facture, acompte a la commande, arrete la presente, avoir n, bon a payer,
        bon de commande, bon de livraison, comptabilite fournisseur, delai de paiement, deuxieme
        relance, devis, echeance 30 jour, en attente de paiement, factur*, facture, facture d
        acompte, facture n, facturette, frais de port, honoraire, hors taxe, lettre de relance,
        montant du, montant ht, montant total, montant ttc, net a payer, non regle, note d
        honoraire, numero de facture, paiement a reception, pas encore paye, penalite de retard,
        prix ht, prix unitaire, pro forma, proforma, quittance, refactur*, regler la facture, reste
        impaye, solde a reception, ticket de caisse, total ht, total ttc, toutes taxe comprise, tva
        intracommunautaire
        """,
        2: """
        a payer, a regler, abonnement, accuse de paiement, acompte, arriere, bon pour accord,
        chiffrage, combien pour, commande, commande n, creance, creancier, designation, doit
        encore, duplicata, echeance, erreur sur votre document, espace client, fournisseur,
        fournisseurs a payer, frais de dossier, ht, impaye, jamais ete paye, l addition, la note de
        l hotel, me reclame, meilleure offre, mode de reglement, montant preleve, note de l hotel,
        nous doit, nous reclame, offre de prix, on leur doit, paiement, pas ete paye, payable, paye
        par carte, pour acquit, prestation, prix pour, proceder au reglement, qte, quantite,
        reclame encore, recouvrement, recu de, recu la somme, reediter, refacturation, regle par
        carte, reglement par, relance de paiement, remise commerciale, rib, siren, siret, sous
        total, surfactur*, tarif, tarification, toujours pas paye, ttc, tva, votre commande
        """,
        1: """
        achat, balle, boutique, cher, chiffrer, client, compte, conteste, contester, demi journee,
        en trop, euro, expedition, forfait, fournir, imprimeur, ligne, livrer, location, montant,
        offre, paye, payer, prestataire, prix, rappel, reclame, reclamer, rectifier, reglement,
        regler, relance, remise, solde, somme, total, traiteur
        """,
    },
    "payroll": {
        3: """
        arret de travail, arret maladie, attestation france travail, attestation pole emploi,
        augmentation de salaire, brut par mois, bulletin de paie, bulletin de paye, bulletin de
        salaire, certificat de travail, charge patronale, charge salariale, conge maternite, conge
        parental, conge paye, conges d ete, contrat d apprentissage, convention collective,
        cotisation patronale, cotisation salariale, cout employeur, declaration prealable a l
        embauche, dpae, dsn, entretien annuel, entretien d embauche, feuille d heure, feuille de
        paie, feuille de temps, fiche de paie, fiche de paye, grille de salaire, grille salariale,
        heure supplementaire, heures a payer, heures sup, indemnite journaliere, jours a poser,
        jours a prendre, jours de conge, masse salariale, medecine du travail, mutuelle d
        entreprise, net a payer avant impot, net imposable, net par mois, pas ete declare, periode
        d essai, poser des conge, prelevement a la source, prime de precarite, rupture
        conventionnelle, salaire brut, salaire de base, salaire net, salaires de, salaires et
        charges, smic, solde de tout compte, ticket restaurant, treizieme mois, urssaf, variable de
        paie
        """,
        2: """
        absence, allocation chomage, alternance, anciennete, apprenti, assistant parlementaire,
        augment*, avance sur salaire, brut, brut annuel, bulletin, cachet, cdd, cdi, chomage,
        chomage partiel, combien de jours, conge, conge sans solde, cotisation, cpam, de l heure,
        demission, effectif, embauche, embaucher, employeur, etp, fiche de poste, gagne,
        gratification, heures effectuees, indemnite, indemnite kilometrique, intermittent, jour de
        repos, licenciement, licencier, mi temps, mutuelle, paie, paye du mois, point de retraite,
        pointage, pole emploi, precarite, prevoyance, prime, recrutement, recruter, remuneration,
        remunere, ressources humaines, retraite complementaire, revalorisation, rh, rtt, salaire,
        salaria*, salarie, service du personnel, stagiaire, statut cadre, teletravail, temps
        partiel, temps plein, treize mois, vacataire
        """,
        1: """
        attestation, candidature, charge, collaborateur, contrat de travail, declare, declarer,
        emploi, employe, equipe, essai, heure, k annuel, mensuel, mission, net, nouveau, nouvelle
        recrue, organiser, organisme, par mois, paye, pont, poste, retroactive, salariale, solde,
        stage, teste, touche, transport, virement
        """,
    },
    "press": {
        3: """
        a declare, a la une, accreditation, afp, agence france presse, attache de presse, bouclage,
        breaking news, carte de presse, chaine info, communique de presse, conference de presse,
        conference de redaction, contact presse, couverture mediatique, cp presse, demande d
        interview, demande presse, dementi, dementir, directeur de la publication, dossier de
        presse, droit de reponse, element de langage, embargo, en une, envoye special, equipe de
        tournage, fuite dans la presse, interview, interviewer, invite de la matinale, itw, journal
        de 13 heure, journal de 20 heure, journal televise, le 20 heure, matinale, media training,
        passer a la tele, plateau tele, point de presse, point presse, porte parole, prepare un
        sujet, presse locale, presse regionale, prise de parole media, publier un article,
        redacteur en chef, relation presse, reponse a la presse, revue de presse, service de
        presse, sous embargo, tele regionale, tribune, une du journal
        """,
        2: """
        a paraitre, antenne, argumentaire, article, bfm, camera, cameraman, caricature, chronique,
        citation, communique, correspondant, depeche, duplex, editorial*, emission, enquete
        journalistique, fil twitter, filmer, france inter, gazette, hebdo, hebdomadaire, ils
        sortent, journaliste, journaux, la croix, la une, lci, le figaro, le monde, le parisien,
        liberation, libre antenne, live tweet, magazine, mediapart, mes citations, nos citations,
        nous faire reagir, off, on nous demande de reagir, papier, parution, passage tele,
        photographe, photographe de l agence, photographe de presse, pige, plateau, podcast,
        portrait dans, presentateur, presentatrice, presse ecrite, quotidien, radio, reaction,
        redacteur, redaction, redactrice, reportage, reporter, reseaux sociaux et presse, reuters,
        rtl, rubrique politique, scoop, sujet tele, tabloid, tournage
        """,
        1: """
        appel, citer, comment, condamne, declaration, direct, edition, imprimer, journal, lecteur,
        matin, media, parait, paraitre, photo, phrase pour, piece, portrait, prend acte, presse,
        publication, publier, pupitre, question, reagir, reagit, relire, reponse, salue, signe,
        sort demain, sort mercredi, sujet, tele, titre, tv, tweet
        """,
    },
    "legal": {
        3: """
        a t on le droit, assemblee generale extraordinaire, assignation, attendu que, attestation
        sur l honneur, audition libre, avis juridique, avons nous le droit, bonjour maitre,
        bordereau de piece, cabinet d avocat, casier judiciaire, certifie sur l honneur, cher
        confrere, cher maitre, citation directe, code civil, code de commerce, code de procedure,
        code du travail, code electoral, code penal, commissaire de justice, commission rogatoire,
        conformement a l article, conseil constitutionnel, conseil d etat, constat d huissier,
        constitue partie civile, consultation juridique, contentieux, contravention, cour d appel,
        cour de cassation, courrier d avocat, declaration d interet, diffamation, dommages et
        interet, droit a l image, en justice, est ce autorise, est ce legal, fait pour servir et
        valoir, garde a vue, hatvp, huissier, interjeter appel, juge d instruction, juge de l
        election, juge des refere, jurisprudence, le requerant, licenciement abusif, mandat de
        perquisition, mettons en demeure, mise en demeure, mise en examen, note juridique, nous
        attaque, nous attaquent, on a le droit, ordonnance de refere, par ces motif, parquet,
        partie adverse, partie civile, perquisition, plainte, poursuite judiciaire, poursuivre en
        justice, proces verbal d assemblee, procureur, protection des donnees, prud homme, refere,
        reglement amiable, responsabilite penale, rgpd, saisir la justice, sommation, soussigne
        certifie, statut de l association, succession, transaction amiable, tribunal, tribunal
        administratif, tribunal judiciaire, usurpation d identite, voies de recours, vu la loi, vu
        le code
        """,
        2: """
        a le droit de, acte de notoriete, action en justice, alinea, amende, arrete prefectoral,
        audience, audition, autorise par la loi, avocat, avocate, brigade, cassation, citation a
        comparaitre, cnil, condamn*, conseil juridique, considerant que, constitutionnel,
        convocation, convoque, debout*, decret, defendeur, delibere, delit, demandeur,
        denomination, deontologie, depose plainte, donnees a caractere personnel, donnees
        personnelle, droit du travail, droit electoral, gendarmerie, greffe, greffier, illegal,
        illegale, illegalement, infraction, irrecevab*, juge, jugement, jugement rendu, juridique,
        legalite, legislation, loi de, loi du, loi n, magistrat, mediateur, mentions legales,
        notaire, ordonnance, penal, penale, plaider, plaidoirie, police, porte devant, porter
        plainte, poursuite, prescription, procedure, proces, proces verbal, propriete
        intellectuelle, pv, quorum, recevab*, recours, reglement interieur, renvoi, requete,
        sanction, scelles, siege social, statut, temoignage, temoin, testament, tutelle, vice de
        procedure
        """,
        1: """
        accuse, appel, article, article l, attaquer, autorisation, avis, cabinet, code, commission,
        conclusion, conformite, cour, decision, delai, deposer, dossier, droit, enquete, faits,
        interdit, interdite, justice, legal, legale, loi, maitre, motif, piece, poursuivre, prevu,
        reglementation, resolution, responsabilite, risque, saisie, saisir, tribunaux
        """,
    },
    "logistics": {
        3: """
        agenda du candidat, arrivee prevue, billet de train, billets pour, boitage, carte d
        embarquement, chambre d hotel, conducteur de la soiree, convocation a la reunion, coursier,
        covoiturage, depart a, deroule, enregistrement en ligne, estrade, feuille de route, gare
        routiere, groupe electrogene, hebergement, heure de rendez vous, itineraire, liste du
        materiel, location de voiture, montage et demontage, navette, on se retrouve, ordre du
        jour, ouverture des porte, plan b, plan d acces, plan de salle, plan de table, planning des
        benevole, point d equipe, point de rendez vous, point hebdo, prestation technique, regie,
        reperage, repere des lieux, reporter la reunion, reservation d hotel, reserver une table,
        retroplanning, reunion deplace, run of show, teleconf, tractage, transporteur, venir
        chercher, vient me chercher
        """,
        2: """
        aeroport, arrivee, arrivee vers, atterri*, autoroute, avance a, badge, bagage, bagage en
        soute, banderole, barnum, barriere, billet, brasserie, buffet, bus, camion, camionnette,
        car de, carton, chaise, chambre, chauffeur, colis, collage, conduire, conduit, confirmer ta
        presence, confirmer votre presence, correspondance, cortege, creneau, decale, dejeuner de
        travail, demenag*, demontage, demonter, depart, deplacement, digicode, dispo, doodle,
        embarquement, entree du candidat, entrepot, faire le plein, ferry, fourniture, gare, gare
        de, gare la, garer, gilet, gymnase, horaire, hotel, intendance, invitation agenda,
        kakemono, livraison, livrer, loger, logistique, materiel de meeting, meme endroit, metro,
        micro, minibus, montage, monter les tente, nuitee, on part, palette, parking, peage, petit
        dejeuner, portail, porte a porte, programme de la journee, programme de la visite,
        projecteur, quai, rallonge, rdv, reception de l hotel, rendez vous, repas froid, reporte a,
        reservation, restaurant, reunion, salle, sandwich*, securite, securite du site, service d
        ordre, sncf, sono, taxi, tente, tgv, tract, train, traiteur pour, trajet, utilitaire,
        valise, venir nous prendre, vestiaire, videoprojecteur, visio, visioconference, voiture,
        vol
        """,
        1: """
        accueil, affichage, affiche, agenda, apporter, arriver, benevole, bloque, call, cle,
        coller, confirme, couvert, decaler, dejeuner, demain, dimanche, diner, disponible, ecran,
        embouteillage, endroit, etage, heures, imprimeur, inscription, jeudi, lieu, loge, louer,
        lundi, mardi, materiel, materiel sono, meeting, mercredi, meteo, midi, nuit, part,
        participant, partir, personnes, place, planning, pluie, prevoir, repas, reserve, retour,
        route, samedi, scene, seance, stand, stock, table, tot, tournee, vendredi, visite, zoom
        """,
    },
    "personal": {
        3: """
        bapteme, beau frere, belle mere, belle soeur, bise, bisou, biz, boire un verre, bon
        anniversaire, bonne annee a vous deux, bonne fete maman, bonne rentree, chimio,
        convalescence, cremaillere, demande en mariage, dentiste, elle a dit oui, faire part, grand
        mere, grand pere, grands parent, gros bisou, grosses bise, heureux parent, il a dit oui, je
        pense a toi, je pense bien a toi, je suis fier de toi, je suis fiere de toi, je t aime, je
        t embrasse, joyeux anniversaire, ma belle, ma cherie, ma copine, ma femme, ma fille, ma
        mere, ma petite famille, ma puce, ma soeur, ma tante, mamie, mamy, mes condoleance, mes
        enfant, mes parent, mon amour, mon ange, mon cheri, mon coeur, mon copain, mon fils, mon
        frere, mon grand, mon mari, mon oncle, mon pere, mon psy, mon temoin, noel en famille, nos
        enfant, nos vacance, obseques, papi, papy, pense a toi, penser a toi, petit fils, petite
        famille, petite fille, prends soin de toi, reviens vite, rhume, sincere condoleance, soigne
        toi bien, t embrasse, ta femme, ta mere, ta soeur, tata, temoin de mariage, tes enfant, tes
        parent, ton frere, ton mari, ton pere, tonton, tu es ou mon, tu me manque, tu nous manque,
        vacances en famille, vous me manque
        """,
        2: """
        accouche*, amoureu*, amoureux, anniv, anniversaire, apero, baby sitter, balade, barbecue,
        bebe, belle famille, bon courage, chagrin, chat, chaton, chien, chiot, chirurgien,
        clinique, coeur, colo, copain, copine, coucou, couple, courage, cousin, cousine, creche,
        deces, desole pour hier, devoirs, divorce, docteur, dsl, enceinte, enfant, enterrement,
        enterrement de vie, fac, famille, felicitations, fiance*, fievre, frere, gamin, gamine,
        gateau, genou, gosse, grippe, grossesse, hopital, infirmiere, invite a la maison, irm,
        jardin, je dors mal, je t attend, jumeau, les fille, les garcon, les gosse, les petit,
        maitresse, malade, maman, mariage, marie avec, medecin, mignon, mignonne, mioche,
        naissance, noel, notre rupture, nounou, on peut se parler, oncle, opere, operer, papa,
        penser a ce que tu, photos de vacance, plage, pleure, prise de sang, psy, regale, regime,
        remets toi, repose toi, retrouvaille, reveillon, reviens, ridicule, rompu, separation,
        soeur, soiree film, tante, tu me fais, tu viens, un verre, vacance, week end chez, weekend
        """,
        1: """
        a personne, ami, bac, bonne nuit, ce soir, cinema, classe, confie, dimanche, diner, dormir,
        dors, ecole, ete, fatigue, fete, fille, film, fils, frigo, gouter, heureuse, heureux,
        inquiete, lycee, maison, mere, ne dis rien, noce, on s appelle, parent, pere, photo,
        raconte, raconterai, ravi, rentre, rugby, samedi, sante, sentie, seul, ski, sommeil,
        souvenir, temoin, tendresse, toi, ton anniversaire, triste, valise, verre, voisin, yeux
        """,
    },
    "credentials": {
        3: """
        acces admin, acces au compte, acces au drive, boite commune, cle api, cle d api, cle de
        chiffrement, cle du wifi, cle privee, cle ssh, cle wifi, code a usage unique, code d acces,
        code d alarme, code d entree, code de connexion, code de l immeuble, code de la porte, code
        de secours, code de securite, code de verification, code du portail, code pin, code
        provisoire, code secret, code secret du, code sms, code wifi, coffre fort numerique, compte
        admin, compte pirate, couper les acces, couper ses acces, creds, double authentification,
        droits admin, hameconn*, identifiant, jeton d acces, keepass, login, mdp, mot de passe, nom
        d utilisateur, ordinateur vole, passphrase, password, phishing, phrase de passe, phrase
        secrete, pirate*, puk, question secrete, recuperation du compte, recuperer le compte,
        telephone vole, tous les acces, tous ses acces, validation en deux etape, voler son
        telephone, wifi
        """,
        2: """
        2fa, acces au serveur, adresse de secours, authentification, certificat joint, coffre fort,
        compte bloque, compte et mot, compte facebook, compte instagram, compte twitter, compte
        verrouille, connecte*, connectez vous, connexion, dechiffrer, deconnecte*, deux etape,
        deverrouill*, droit d acces, entrer sur l outil, expire dans, intrusion, jeton, le code
        est, les acces, les codes, meme code, nouvel appareil, pass, passe, pin, premiere
        connexion, reinitialis*, se connecter, se deconnecter, ses acces, session, ssh, telephone
        perdu, tes acces, token, tous vos acces, trousseau, utilisateur, vos acces, vos codes,
        votre compte a ete, vpn
        """,
        1: """
        a personne, acces, admin, alarme, boite, boite mail, boite partage, change, cle, cle usb,
        cliquez, code, compte, connecter, efface, efface ce mail, etranger, expire, lien,
        messagerie, outil, porte, provisoire, secret, serveur, ton code, webmail
        """,
    },
    "other": {
        3: """
        absent du bureau, desabonn*, desinscri*, fiche thematique, infolettre, intention de vote,
        lettre d information, mes chers ami, mes chers compatriote, ne plus recevoir, newsletter,
        note d analyse, note sur, petition, politique publique, reforme des retraite, sondage, vive
        la france, vive la republique
        """,
        2: """
        absent jusqu, actualites du, agriculteur, atelier, base de donnees, benevole a, bravo,
        bravo pour, bug, chomage, chomage des jeunes, circonscription, citoyen, climat, comite
        local, configur*, constat, developpeur, diplomatie, discours, doctrine, ecologie,
        economiste, electeur, emploi des jeunes, en cas d urgence, enjeu, enseignement, espece,
        expose, filiere, film, football, groupe de travail, guerre, installation, installer,
        intervention, jeu, liste de diffusion, logiciel, m engager, m investir, materiel
        informatique, maternelle, mise a jour, module, navigateur, noyau, ordinateur, otan, paquet,
        paragraphe, participer a la campagne, pays voisin, planete, politique de, programme du
        candidat, projet de societe, propositions, publicite, rapport de, reforme, religion, relis
        le texte, report de voix, science, scientifique, script, services public, site internet,
        site web, sonde, synthese, tache, theme de, trois piste, universite, ville et campagne,
        votre aide pour
        """,
        1: """
        adherent, analyse, carte, chapitre, commande en ligne, donnees, economie, ecrire, energie,
        erreur, etude, europe, fichier, generation, gens, gouvernement, histoire, hopitaux, idee,
        imprimante, industrie, jeunesse, langue, livre, loi de finances, message, monde, pays,
        paysan, phrase, piste, poete, politique, reseau, rural, soutien, systeme, technologie,
        test, texte, theorie, tour, version, vote, voter, web
        """,
        0: """
        a l antenne de, a l ordre du jour des debats, a passe, ai passe, appel a projet, article
        premier de la constitution, au coeur de, au fond, avoir droit, bail de longue date, bonne
        reception, budget de l etat, ca fait un bail, ces jours passe, chat en ligne, coeur de,
        compte rendu, compte tenu, contrat social, coup de coeur, de cette facon, deficit public,
        depart en retraite anticipe, depense publique, depuis un bail, dette publique, droit de
        vote, en cours, en fin de compte, en son temps, en tout cas, en vol, est passe, facture de
        l inaction, facture energetique, facture sociale, famille politique, fete nationale,
        finance publique, garde des sceaux, grande famille, hausse des salaires, impot sur la
        fortune, je relance la, juge de ligne, juges de la, juges du, jury du, justice fiscale,
        justice sociale, mere patrie, meres porteuse, mettre a profit, ministere de la justice,
        ministre de la justice, mois passe, on relance, papier peint, par coeur, passe partout,
        passe pas, pouvoir d achat, prendre en compte, presse agrume, presse hydraulique, pret a,
        prete a, qui passe, rend compte, rendu compte, reserve de biodiversite, reserve naturelle,
        s est passe, salaire de misere, salaire des enseignants, sans papier, se passe, se rendre
        compte, temps passe, tenir compte, tient compte, train de mesure, train de reforme, train
        de vie, vol de
        """,
    },
}
