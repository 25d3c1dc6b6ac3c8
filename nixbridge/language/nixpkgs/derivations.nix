# lib.derivations
lib:
{
  optionalDrvAttr = condition: value: if condition then value else null;
}
