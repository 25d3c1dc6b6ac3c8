"""The playground: a web page that evaluates, renders and lints in the browser (docs/playground.md).

`answers` is what runs in the page; `python -m nixbridge.playground` builds the page from a checkout.
"""
