// A stub of what the Unreal Header Tool makes.
#pragma once
