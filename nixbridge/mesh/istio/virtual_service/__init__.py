"""mkVirtualService and the VirtualService."""
