"""The English words that earn a label; written and weighed as the French ones are."""

from __future__ import annotations

ENGLISH: dict[str, dict[int, str]] = {
    "finance": {
        3: """
        actblue, annual account, balance sheet, bank balance, bank reconciliation, bank statement,
        big donors, books close, bridge loan, budget draft, budget meeting, bundler, burn rate,
        call time list, campaign account, campaign finance, campaign loan, capex, capital gain,
        cash flow, cash on hand, cash position, close the books, closing balance, contribution
        limit, cost overrun, disbursement, donor limit, donor list, ebitda, electoral commission
        return, fec, fec filing, fec report, federal election commission, finance committee,
        finance director, finance report, financial report, financial statement, fiscal year,
        funding gap, fundraiser, fundraising, fundraising goal, gap in the budget, general ledger,
        grants paid, hard dollar, host committee, income statement, investment loss, itemized
        receipt, joint fundraising, line of credit, max out, maxed out, mutual fund, net worth,
        online donation, opening balance, over budget, overdraft, petty cash, profit and loss,
        quarterly report, schedule a, schedule b, small dollar, soft money, spending cap, spending
        limit, statement of account, super pac donor, tax receipt, tax return, trial balance, trust
        fund, under budget, where the money goes, write down
        """,
        2: """
        accountant, accounting, audit, auditor, bank account, bank loan, bond, bookkeep*, break
        even, budget, budgeted, checks deposited, comptroller, contribution, cost more than
        planned, covenant, cut costs, debt, deficit, disbursed, dividend*, donate, donated,
        donation, donor, dues, endowment, equity, expenditure, expense, expense report, finance,
        fiscal, fixed cost, forecast, gala, general election limit, grant, grant income, hedge
        fund, holding, hole in the, in the red, installment, instalment, interest expense, interest
        rate, invest*, ledger, loan, media buy, money goes, money left, mortgage, overspend,
        overspent, pac, payback, payout, pledge, pledged, portfolio, price of the fund, raise and
        spend, raised about, raised over, raising money, reconcil*, refund request, reimburse*,
        reimbursement, remaining money, reserves, revenue, savings, shareholder, shares, shortfall,
        solvency, solvent, spend plan, spending, stock, surplus, the wire, transaction, treasurer,
        trustee, turnover, underspent, we raised, wire transfer, wired, withdrawals, write a check,
        write checks
        """,
        1: """
        account, amount, balance, bank, budgetary, bundle, burn, cash, check, cost, credit,
        deposit, dollar, figure, financ*, find the money, folks, fund, gift, grand, grand total,
        gross, in kind, k, loss, margin, max, million, money, net, overhead, owe, owed, pay down,
        per cent, principal, profit, quarter, raise, raised, rate, remaining, spend, spent,
        statement, tax, thousand, transfer, year end
        """,
    },
    "contract": {
        3: """
        auto renew, auto renewal, breach of contract, break option, by and between, change order,
        confidential information, consulting agreement, contract attached, countersign,
        countersigned, docusign, draft contract, employment agreement, entire agreement, event of
        default, executed copy, force majeure, fully executed, governed by the law, governing law,
        herein, hereinafter, hereof, hereto, hereunder, hold harmless, in witness whereof,
        indemnification, joint venture, keeps the deposit, landlord, lease, letter agreement,
        letter of intent, licensee, licensing agreement, licensor, loan agreement, master service,
        memorandum of understanding, mou, nda, non compete, non disclosure agreement,
        nondisclosure, operating agreement, option to extend, prior written consent, purchase
        agreement, redline, redlined, renew the contract, rental agreement, represents and warrant,
        rights to her, rights to his, rights to their, service agreement, settlement agreement,
        severability, share purchase, sign the contract, signature page, signed contract, software
        license, sow, statement of work, subcontract*, sublease, sublet, tenant, term sheet,
        termination for convenience, terms and conditions, the parties agree, this agreement, usage
        rights, whereas, who owns the
        """,
        2: """
        addendum, agreement, amendment, assign, assign its right, assigned, assignee, assignor,
        back out, binding, boilerplate, borrower, both parties, breach, cancellation, clause,
        commit for, confidentiality, contract, contractor, counteroffer, counterpart, covenants,
        days notice, deed, each party, either party, engagement letter, exclusive right, exclusive
        use, exclusivity, executed, exhibits, expiry of the contract, get out of the, hereby agree,
        in perpetuity, indemni*, indemnity, initial the, lender, liability, negotiat*, neither
        party, notice period, obligations, obligations of each party, opt out clause, premises,
        recording rights, renew, renewal, rent monthly, rental, retainer, rider, rights afterwards,
        scope of work, shall not, sign and return, sign off on the terms, sign on page, supplier,
        terminate, terminate this, termination, undersigned, vendor terms, walk away, warranty
        """,
        1: """
        agency, annex, cancel, client, consultant, copy, counsel, customer, deal, draft, effective
        date, either of us, exclusive, execute, expires, extend, locked in, notice, ownership,
        owns, party, permission, pursuant, recipient, renewable, rent, rights, section, shall,
        sign, signature, signed, signing, term, vendor
        """,
    },
    "invoice": {
        3: """
        accounts payable, amount due, amount owing, amount payable, asked for his money, autopay,
        awaiting payment, balance due, bill to, billable, billing address, billing error, charged
        us twice, cost estimate, credit note, double charged, due on receipt, estimate attached,
        final bill, final notice, for professional services rendered, inv, invoice, invoiced,
        invoicing, itemized bill, late fee, net 30, new charge, order no, outstanding balance,
        overbill*, overcharg*, overdue bill, past due, pay this bill, payment received, payment
        reminder, payment term, phone bill, please pay, price for, price quote, pro forma,
        proforma, purchase order, receipt no, remittance, remittance advice, revised estimate,
        revised quote, sales tax, second reminder, ship to, signs off on these, statement is ready,
        subtotal, thank you for your payment, total due, unit price, unpaid bill, vat number, wants
        his money
        """,
        2: """
        ach payment, bill, billed, billing, charged, charges, chasing us, cheaper quote, cost of
        the, days late, deposit due, deposit paid, did we ever pay, did we pay, disputed it, ein,
        estimate, folio, half up front, haven t been paid, how much for, invoice number, net terms,
        not been paid, on account, on order, order number, our bill, outstanding, overdue, owe
        them, owes us, pay the, payable, payment is late, per unit, plus expenses, plus vat, po
        number, prices good for, prices valid, qty, quantity, quotation, quote for, quoted,
        receipt, refund, reminder, remit*, second notice, send me a price, settle, still hasn t
        been paid, still owe, tax id, the bill, total paid, unpaid, until he is paid, valid for,
        vat, waiting for his, wants to be paid, we owe, what would it cost, wire instruction, your
        bill, your order
        """,
        1: """
        amount, asked for, bank detail, card ending, caterer, cost, cost us, deposit, description,
        discount, due, each, gross, half day, hours at, item, monthly statement, net, ninety days,
        order, paid, pay, pay by, payer, payment, price, print shop, printer, quote, remainder,
        sent us, ship, statement, sub total, supplier, tax, terms, total, vendor
        """,
    },
    "payroll": {
        3: """
        1099, 401k, accrued leave, an hour, back pay, base pay, can t be paid, cobra, days left to
        take, direct deposit, earnings statement, employee benefits, employer contribution, final
        wage, gross pay, health benefits, health plan, holiday entitlement, holiday pay, holidays
        left, hourly rate, hours worked, i 9, job offer, leave balance, maternity leave, maternity
        pay, minimum wage, national insurance, net pay, offer letter, open enrollment, overtime
        pay, p45, p60, paid for the hourly, paid leave, paid time off, parental leave, pay band,
        pay cut, pay grade, pay period, pay raise, pay rate, pay rise, pay scale, pay slip, pay
        stub, paycheck, payroll, payroll tax, payslip, payslips for, paystub, per diem, per hour,
        pto, salaries, salary, salary band, salary review, salary run, severance, sick day, sick
        pay, signing bonus, start date and salary, tax code on, tax form, tax withheld, time off,
        timesheet, total pay, unemployment insurance, vacation days, w 2, w 4, wage slip, wages
        owed, withholding, year end bonus
        """,
        2: """
        a month plus, a year plus, allowance, annual leave, annual salary, apprentice, be paid,
        been paid yet, benefits, bonus, compensation, contract staff, days holiday, days of leave,
        days off, deductions, earns, employee, employer, employment, fte, full time, furlough, get
        paid, headcount, health insurance, hired, hiring, hourly, hr, human resources, laid off,
        layoff, leave form, leave request, maternity, medicare, mileage claim, misclassif*, my pay,
        new guy, new hire, new starter, on payroll, onboarding, overtime, p11d, part time, pay day,
        pay is late, payday, paye, pension scheme, per year, probation, promotion, raise for,
        reimbursed mileage, remuneration, resignation, sick leave, social security, staff cost,
        staffer salary, starting pay, stipend, title bump, unemployment, wage, wage bill
        """,
        1: """
        annual, annually, bonus pool, contractors, deduct, deducted, deposit, field organizer,
        gross, holiday, hour, intern, job, leave, mileage, month, monthly, net, offer, organizer,
        paid, pension, per week, position, raise, reports to, resign, staff, start, title, who do i
        talk to, worked
        """,
    },
    "press": {
        3: """
        afp, ap style, associated press, bloomberg, breaking news, buzzfeed, byline, camera crew,
        cnn, confirm or deny, correspondent, cover story, credentialed press, deny or confirm,
        editorial board, embargo, embargo until, embargoed, evening news, evening show, fact
        checker, following statement, for immediate release, fox news, front page tomorrow, going
        to print, hit time, hold the story, interview request, letter to the editor, live shot,
        local paper, local press, media advisory, media call, media contact, media enquiry, media
        kit, media request, morning clips, morning show, msnbc, mult box, new york times, news
        conference, news desk, news editor, no comment, nyt, o clock news, off the record, on air,
        on background, on camera, on the record, op ed, oped, politico, prepared for delivery,
        preparing a story, press avail, press availability, press call, press clip, press clipping,
        press conference, press contact, press corps, press enquiries, press gaggle, press inquiry,
        press kit, press list, press officer, press pack, press pool, press release, press
        secretary, press team, print it, pull quote, rapid response, request for comment, run the
        story, spokesman, spokesperson, spokeswoman, sunday paper, sunday show, talking point, the
        guardian, the press, tonight show, tps, wall street journal, wapo, washington post, writing
        a piece, writing a story, wsj
        """,
        2: """
        a profile, a story, air time, aired, airs, anchor, article, backgrounder, bbc, blogger,
        booker, broadcast*, bumped, columnist, correction, covers us, debate prep, editor,
        editorial, exclusive, fact check, film your, for comment, freelance writer, front page,
        gaffe, gazette, headline, herald, hit on, interview, journalist, kill the quote, leaked to
        the, lines to take, magazine, news story, newspaper, newsroom, on deadline, op eds, photo
        call, photo op, photocall, piece, pitch it, podcast, presenter, press, press office, press
        statement, prime time, producer, profile in, published, quotes, radio, reporter, reuters,
        run it with, running a, scoop, segment, sound bite, soundbite, statement from, studio,
        tabloid, taped, the story, the wire, they ll print, tribune, tv appearance
        """,
        1: """
        announced, announces, ap, blog, cable, caption, channel, clip, comment, coverage, deadline,
        denial, deny, edition, filming, host, interviewed, line of attack, live, local news, media,
        network, paper, photo, pivot, print run, profile, public radio, publish, published in,
        question, release, reported, respond, said today, show, statement, story, today said, tv,
        tweet, writes for
        """,
    },
    "legal": {
        3: """
        affidavit, allowed by law, amended complaint, appellate, are commanded, are we allowed, are
        we liable, attorney client, ballot access, bylaw, can we legally, case law, case no, cease
        and desist, circuit court, class action, copyright infringement, court filing, court order,
        data protection act, dear counsel, defamation, defendant, deposed, deposition, discovery
        request, district court, election law, ethics complaint, executor, filed a complaint, filed
        suit, foia, freedom of information, gdpr, general counsel, gets us sued, grand jury, hereby
        commanded, high court, immunity deal, infringes, infringing, injunction, is it legal,
        judicial review, jury trial, last will, law suit, lawsuit, legal action, legal advice,
        legal counsel, legal department, legal letter, legal memo, legal opinion, legal proceeding,
        legal review, legal team, letter before action, libel, litigation, litigation hold, motion
        to dismiss, notary, opposing counsel, oral argument, outside counsel, penalty of perjury,
        permitted by law, plaintiff, power of attorney, privileged confidential, probate,
        restraining order, scheduling order, search warrant, settlement offer, solicitors, statute
        of limitation, statutory declaration, subpoena, sue us, sued, suing us, supreme court,
        sworn statement, take legal, the fifth, time barred, trademark, under oath, unlawful,
        without prejudice, witness statement, work product
        """,
        2: """
        act of, allegation, appeal, arbitrat*, attorney, bail hearing, bailiff, barrister, breach
        of the law, brief filed, claim, clerk, complaint, compliance, contempt, coordination rules,
        counsel, court, court date, cross examination, cross examine, cross examined, custody,
        damages, disclosure, discovery, docket, elections act, electoral law, enforcement, estate,
        evidence, executor of, fbi, filed in, fine of, going to complain, guilty, hearing, hereby,
        illegal, immunity, in kind contribution, indict*, inquiry, intellectual property,
        investigat*, judge, judgement, judgment, jurisdiction, jury, law firm, lawful, lawyer,
        legal, legality, legally, liable, magistrate, never opted in, offence, offense, parole,
        penal code, perjury, petition was challenged, plea, preserve all, preserve record,
        privileged, prosecut*, pulled before, quorum, regulation, representation of the people,
        ruling, settlement, settling, signatures struck, statute, sue, summons, sworn, take it to
        court, testif*, testimony, the stay, trial, tribunal, u s c, under the law, verdict,
        violation, warrant, will and testament, witness
        """,
        1: """
        act, allege, alleged, allowed, answer is due, appoint, charge, charged, client, commission,
        committee, complain, comply, conduct, correspondence, decision, denied, ethics, exhibit,
        file, filing, justice, law, letter, liability, members, memo re, motion, notice, oath,
        officer, police, prior, record, removal, request copies, right, rule, rules on, section,
        seek, settle, state
        """,
    },
    "logistics": {
        3: """
        accommodation, advance team, agenda for, airbnb, airport, are you available, are you free,
        backstage, boarding, book a room, bus station, bus tour, calendar invite, call moved, call
        sheet, callsheet, canvass launch, car hire, car pickup, car rental, carpool, check in, conf
        call, conference call, conference room, delivery window, dial in, doors open, double room,
        find a time, flight to, freight elevator, gate change, hotel booking, hotel room,
        itinerary, layover, let s meet, load in, load out, lodging, lunch work, magnetometer,
        meeting moved, meeting point, meeting room, motor pool, motorcade, movers, outbound,
        parking lot, pick me up at, pick up at, plane ticket, principal s schedule, push the
        meeting, rain plan, rental car, reschedul*, ron, room booking, rope line, rsvp, run of
        show, schedule for the, seating plan, secret service, set up a call, set up at, shipment,
        shuttle, site visit, team call, the big room, tickets to, timetable, tracking number, train
        ticket, travel arrangement, travel plan, volunteer schedule, walk through, weekly call,
        wheels up
        """,
        2: """
        advance, agenda, amtrak, aob, arrival, arrive, arriving, availability, available on,
        banner, barrier, booked, buffet, bus, calendar, car service, catch the train, catering,
        chair, check out, checking in, church lot, clipboards, cloakroom, coach, coaches, collect
        the, courier, dawn, deliver, delivered, delivery, delta, departs, departure, depot, desks,
        dock, door to door, drive, driver, driving, drop off, ferry, flight, free friday, free
        monday, free thursday, free tuesday, free wednesday, front desk, gate, generator, headcount
        for, help carry, hotel, invite, itineraries, land, landing, landing late, leaflet, leave
        at, load, loaded, lobby, luggage, marquee, meet at, meet outside, meeting, meeting at,
        microphone, minibus, minivan, motorway, moved to, office move, pallet, parcel, parking,
        pickup, platform, podium, ponchos, postpone*, projector, put up the, rendez vous, reserved,
        ride, riser, room, same place, sandwich*, schedule, seat, sound system, stage, stage
        manager, stall, suitcase, supplies, table for, take the train, taxi, tent, terminal, town
        hall, train, travel, traveling, travelling, truck, united flight, unload, van, venue, venue
        walkthrough, visa, warehouse, webex, yard sign, zoom link
        """,
        1: """
        am, arms, attend, available, back by, bag, book, box, bring, car, carry, coffee, confirmed,
        delayed, dinner, door, downtown, earlier, equipment, et, fly, free, friday, hall, label,
        leave, location, lunch, meet, monday, morning, night, noon, o clock, outside, passport,
        pick up, plan, pm, principal, print, rent, return, route, saturday, set up, sign, slot,
        speaker, stand, station, stop, sunday, tables, tea, thursday, tomorrow, traffic, tuesday,
        volunteer, walk, wednesday, week
        """,
    },
    "personal": {
        3: """
        all my love, babysitter, baptism, best man, best mate, birthday party, bridesmaid, broke
        up, can t wait to see you, chemo, chemotherapy, christening, come back soon, condolences,
        darling, date night, daycare, dentist, dinner with friends, engaged to, family reunion,
        feel better, funeral, get well, goddaughter, godson, granddaughter, grandma, grandpa,
        grandson, granny, happy anniversary, happy birthday, he said yes, hen do, honey, how are
        you feeling, hugs, i love you, i miss you, in our prayers, keep thinking about, kiddo,
        kisses, kitten, lots of love, love you, lovely weekend, maid of honor, memorial service,
        merry christmas, missing you, movie night, my boyfriend, my brother, my dad, my daughter,
        my ex, my father, my folks, my girlfriend, my husband, my kids, my love, my mom, my mother,
        my parents, my sister, my son, my therapist, my wife, nana, newborn, our anniversary, our
        kids, over the moon, passed away, puppy, rest in peace, she said yes, soccer practice,
        sorry about last night, stag do, sweetheart, take care of yourself, the baby, the boys, the
        girls, the kids, thinking of you, wedding date, wedding guest, xo, xoxo, xx, your brother,
        your father, your husband, your mother, your parents, your sister, your wife
        """,
        2: """
        adorable, aunt, baby, barbecue, bbq, beach pic, biopsy, birthday, blood pressure,
        boyfriend, brother, call me when, camping, can t sleep, can t stop crying, cancer, cat,
        catch up soon, christmas, college friends, come home, congrats on, congratulations on,
        cousin, cried, crying, cute, dad, dating, dear friend, divorce, divorced, doctor, dog, don
        t tell anyone, drinks on me, family, family dinner, fever, flu, fool, garden, girlfriend,
        heartbroken, holiday, home soon, homework, hospital, husband, i waited, in laws, kid,
        kindergarten, kiss, knee, lonely, love to all, mate, miss you, misses you, mom, mother in
        law, mri, mum, my boy, my flat, my girl, neighbor s, nephew, niece, night out, nurse,
        nursery, old friend, our holiday, pet, prayers, praying for, pregnant, prom, proud of you,
        pub, recipe, recovering, road trip, seeing someone, sick, silly me, sister, sleepless,
        sleepover, soccer, surgery, sweet of you, teenage, teething, thanksgiving, therapist, think
        about you, toddler, twin, uncle, vacation pic, walking the dog, wedding, what you told me,
        wife, wine tonight
        """,
        1: """
        alone, bed, beer, boy, cake, cook, crazy, daughter, dear, dinner, drink, exam, father,
        feel, feeling, felt, film, friend, garden party, gift, girl, grandchildren, haha, health,
        high school, home, hurt, lake, leftover, little one, lol, love, lovely, marriage, miss,
        mother, movie, my old, neighbor, neighbour, pain, party, pic, pick her up, promise,
        reunion, sad, school, school on, sleep, smile, son, summer, teacher, tell you soon,
        thrilled, tonight, walk, weekend, worry, wow, years old
        """,
    },
    "credentials": {
        3: """
        1password, access code, access key, account recovery, account was hacked, admin access,
        admin account, alarm code, api key, auth code, authenticator, authenticator app, backup
        code, credential, creds, cut her access, cut his access, cut off access, door code,
        encryption key, entry code, gate code, hacked, host key, identityfile, keypad, laptop was
        stolen, lastpass, lock code, locked out, log in details, login, login detail, network key,
        one time code, one time password, otp, passcode, passphrase, passwd, password, password
        manager, phishing, phone was stolen, pin code, private key, pw, pwd, recover the account,
        recover your account, recovery code, reset link, reset your account, safe combination,
        secret key, security code, security key, security question, shared inbox, sign in code, sim
        pin, ssh, stolen laptop, stolen phone, two factor, two step, unlock code, user id,
        username, verification code, verify your account, voicemail code, wi fi, wifi
        """,
        2: """
        2fa, access to the drive, access to the server, admin, authentication, badge, code is,
        combination, decrypt, email account, expires in, facebook account, get into the tool,
        hack*, instagram account, intrusion, keychain, locked your, log in, log out, logged in,
        logging in, lost her phone, lost his phone, mfa, new device, pass, phish, pin, recovery
        email, reset, root, rotate, server access, shared drive access, sign in, sign ins, sso,
        suspicious login, the code, token, twitter account, unlock*, vault, vpn, was stolen, your
        account
        """,
        1: """
        access, account, alarm, can get into, change, click, code, connect, delete this mail, don t
        share, expire, expiry, get into, guess, guest, host, inbox, key, link, lock, never share,
        portal, remote, secret, server, share it, suspicious, tell anyone, text me the, tool, user
        """,
    },
    "other": {
        3: """
        a note on, apache, away and will, click here to be removed, compile, compiler, crosstab,
        cvs, debian, god bless, javascript, kernel, likely voters, linux, lose weight, mailing
        list, mailman, make money fast, margin of error, memo on, my fellow american, nameserver,
        newsletter, open source, opt out, out of office, patch, perl, petition, php, policy memo,
        regex, remove me from, rpm, source code, spam filter, spamassassin, undecided, unsubscribe,
        viagra, white paper, work from home
        """,
        2: """
        album, broadband, browser, bug, bulletin, chapter, climate, config*, database, defense
        paper, dependenc*, desktop, developer, district profile, dns, economist, electorate,
        farmer, filter, findings, firmware, football, footnote, free info, game, great job,
        guarantee, hardware, image, independents, install*, internet, issue paper, jobs for the
        young, laptop, local group, mailing, microsoft, module, movie, my friends, my memo, nato,
        news from, nice work, package, panel, paragraph, pension reform, physics, planet, plugin,
        policy, poll, polling, precinct, programmer, programming, reform, religion, restart*,
        runtime, save the, science, scientist, script, seminar, seniors, server side, signed up on,
        software, sounds good, spam, species, speech, stump, subscribe, subscription, summary, to
        stop these messages, trade deal, unix, update from, upgrade, volunteer in, voter, war, web
        site, website, well done, windows, workshop, youth job
        """,
        1: """
        analysis, book, build, citizen, command, comments welcome, community, computer, counties,
        country, county, data, debate, debugging, economy, email, energy, error, europe, file, file
        system, generation, government, history, idea, industry, language, line, list, log, map,
        members, message, network, people, poet, program, research, rewrite, rural, sentence,
        shortage, study, support, system, technology, test, text, theory, thread, users, version,
        vote, web, world
        """,
        0: """
        account for, affordable care act, all right, at the end of the day, bank of the river, bill
        in congress, bill of rights, budget deficit, come to pass, court of public opinion, dear
        friends, dear sir, democratic party, family doctor, family values, federal budget, federal
        deficit, fit the bill, foot the bill, health bill, health care act, home page, home state,
        hydraulic press, in order, in order to, in the long run, invest in, invest in our, judge
        for yourself, judges at the, judges of the, judges on the, judging by, justice system, key
        point, key states, key to, key voters, labor party, labour party, last minute, minimum wage
        hike, mother nature, mother tongue, motherland, my right hand, national debt, of course, on
        account of, on board with, our party, party line, party members, pass it on, pass the bill,
        pass this, passing it on, passing this, political party, press ahead, press on, pressed,
        republican party, right away, right now, right wing, river bank, run for, senate bill,
        social contract, social media, student debt, student loan, supreme court nominee, supreme
        leader, take into account, take note, take stock, tax bill, the house bill, the right to,
        third party, this bill, trade deficit, train of thought, united states, voting rights act,
        wage gap, wage growth, war on drugs, working families
        """,
    },
}
