// A stub of Unreal Engine; see CoreMinimal.h.
#pragma once
#include "AudioDevice.h"
