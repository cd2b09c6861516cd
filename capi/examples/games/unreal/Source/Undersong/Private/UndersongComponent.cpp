#include "UndersongComponent.h"

DEFINE_LOG_CATEGORY_STATIC(LogUndersong, Log, All);

UUndersongComponent::UUndersongComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
}

void UUndersongComponent::BeginPlay()
{
	Super::BeginPlay();
	FAudioDevice* Device = GetWorld() ? GetWorld()->GetAudioDeviceRaw() : nullptr;
	// The mixer's own: two channels. What it mixes to more is left out by OnNewSubmixBuffer.
	if (Device && Listen(static_cast<int32>(Device->GetSampleRate()), 2))
	{
		Device->RegisterSubmixBufferListener(this, Submix);
	}
}

void UUndersongComponent::EndPlay(const EEndPlayReason::Type Reason)
{
	if (FAudioDevice* Device = GetWorld() ? GetWorld()->GetAudioDeviceRaw() : nullptr)
	{
		// A buffer that is still on its way meets a handle that is none, and is refused.
		Device->UnregisterSubmixBufferListener(this, Submix);
	}
	Live.Reset();
	Super::EndPlay(Reason);
}

bool UUndersongComponent::Listen(int32 SampleRate, int32 NumChannels)
{
	auto Made = undersong::Live::create({.sample_rate_hz = static_cast<uint32>(SampleRate),
	                                     .channels = static_cast<uint32>(NumChannels),
	                                     .smoothing_seconds = SmoothingSeconds});
	if (!Made)
	{
		UE_LOG(LogUndersong, Error, TEXT("%s"), UTF8_TO_TCHAR(Made.message().c_str()));
		return false;
	}
	const auto Model = Made->model();
	const auto Names = Model ? Model->labels() : undersong::Result<std::vector<std::string>>::failure(Model.code());
	if (!Names)
	{
		UE_LOG(LogUndersong, Error, TEXT("%s"), UTF8_TO_TCHAR(Names.message().c_str()));
		return false;
	}
	Labels.Reset();
	for (const std::string& Name : *Names)
	{
		Labels.Add(FName(UTF8_TO_TCHAR(Name.c_str())));
	}
	Scores.Init(0.0f, Labels.Num());
	Channels = NumChannels;
	Live.Emplace(MoveTemp(*Made));
	return true;
}

void UUndersongComponent::OnNewSubmixBuffer(const USoundSubmix*, float* AudioData, int32 NumSamples, int32 NumChannels, const int32, double)
{
	if (Live.IsSet() && NumChannels == Channels && NumSamples > 0)
	{
		// Dropped sound and samples that are none are counted by the library.
		(void)Live->push(std::span<const float>(AudioData, static_cast<std::size_t>(NumSamples)));
	}
}

void UUndersongComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	while (Live.IsSet())
	{
		const auto Event = Live->poll();
		if (!Event)
		{
			break;
		}
		if (Event->kind == UNDERSONG_EVENT_KIND_SPEECH)
		{
			bSpeaking = Event->speaking != 0;
			continue;
		}
		for (int32 Index = 0; Index < Scores.Num(); ++Index)
		{
			Scores[Index] = Event->scores[Index];
		}
		Valence = Event->valence;
		Arousal = Event->arousal;
		Label = Event->leading >= 0 && !Event->unsure && Event->leading < Labels.Num() ? Labels[Event->leading] : FName();
		OnUpdated.Broadcast(Label, Event->confidence);
	}
}

float UUndersongComponent::ScoreOf(FName Emotion) const
{
	const int32 Index = Labels.Find(Emotion);
	return Index == INDEX_NONE ? 0.0f : Scores[Index];
}
