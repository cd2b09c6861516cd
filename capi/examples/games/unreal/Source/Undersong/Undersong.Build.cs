// Links libundersong from ThirdParty/undersong: include/undersong.h, include/undersong.hpp, lib/libundersong.so (or undersong.dll with its import library).
using System.IO;
using UnrealBuildTool;

public class Undersong : ModuleRules
{
	public Undersong(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		CppStandard = CppStandardVersion.Cpp20;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "AudioMixer" });

		string Home = Path.Combine(PluginDirectory, "ThirdParty", "undersong");
		PublicSystemIncludePaths.Add(Path.Combine(Home, "include"));
		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			PublicAdditionalLibraries.Add(Path.Combine(Home, "lib", "undersong.dll.lib"));
			RuntimeDependencies.Add("$(BinaryOutputDir)/undersong.dll", Path.Combine(Home, "lib", "undersong.dll"));
		}
		else
		{
			string Library = Path.Combine(Home, "lib", "libundersong.so");
			PublicAdditionalLibraries.Add(Library);
			RuntimeDependencies.Add(Library);
		}
	}
}
