"""The language server. (Language Server Protocol 3.17)"""
