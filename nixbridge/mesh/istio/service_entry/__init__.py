"""mkServiceEntry and the ServiceEntry."""
