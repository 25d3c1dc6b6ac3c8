"""mkDestinationRule and the DestinationRule."""
