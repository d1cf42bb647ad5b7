"""The grammars of e-mail: raw headers, MIME parts, words, addresses, dates, DKIM."""
