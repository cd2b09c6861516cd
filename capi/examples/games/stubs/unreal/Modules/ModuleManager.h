// A stub of Unreal Engine; see CoreMinimal.h.
#pragma once
class FDefaultModuleImpl {};
#define IMPLEMENT_MODULE(Class, Name) extern "C" Class *make_##Name() { static Class module; return &module; }
