# lib.systems
lib:
{
  elaborate = system:
    let
      parts = builtins.split "-" system;
      cpu = builtins.head parts;
      kernel = builtins.elemAt parts 2;
    in
    {
      inherit system;
      parsed.cpu.name = cpu;
      parsed.kernel.name = kernel;
      isLinux = kernel == "linux";
      isDarwin = kernel == "darwin";
    };
}
