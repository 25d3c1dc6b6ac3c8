# A list of systems is imported, and has no outputs.
{ ... }: { ... }: { }
