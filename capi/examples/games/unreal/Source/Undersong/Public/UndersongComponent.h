// A component that hears a submix and keeps what it sounds like as Blueprint floats.
//
// Put it on an Actor, choose the Submix that the voice plays through, and read `Valence`, `Arousal` or `ScoreOf("happy")` in a Blueprint, or bind
// `OnUpdated`. The submix's listener runs on the audio render thread and only pushes; events are polled in the component's tick.
#pragma once

#include "AudioDevice.h"
#include "Components/ActorComponent.h"
#include "CoreMinimal.h"
#include "Sound/SoundSubmix.h"

#include "undersong.hpp"

#include "UndersongComponent.generated.h"

DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FUndersongUpdated, FName, Label, float, Confidence);

UCLASS(ClassGroup = (Audio), meta = (BlueprintSpawnableComponent))
class UNDERSONG_API UUndersongComponent : public UActorComponent, public ISubmixBufferListener
{
	GENERATED_BODY()

public:
	UUndersongComponent();

	/** The submix that the voice plays through; none is the main one. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Undersong")
	USoundSubmix* Submix = nullptr;

	/** Time constant of the smoothing, in seconds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Undersong", meta = (ClampMin = "0", ClampMax = "2"))
	float SmoothingSeconds = 0.3f;

	/** -1 unpleasant to 1 pleasant. */
	UPROPERTY(BlueprintReadOnly, Category = "Undersong")
	float Valence = 0.0f;

	/** -1 calm to 1 excited. */
	UPROPERTY(BlueprintReadOnly, Category = "Undersong")
	float Arousal = 0.0f;

	/** The leading emotion; None if there is none or it is unsure. */
	UPROPERTY(BlueprintReadOnly, Category = "Undersong")
	FName Label;

	UPROPERTY(BlueprintReadOnly, Category = "Undersong")
	bool bSpeaking = false;

	UPROPERTY(BlueprintAssignable, Category = "Undersong")
	FUndersongUpdated OnUpdated;

	/** The last score of an emotion; 0 for one that the model does not know. */
	UFUNCTION(BlueprintPure, Category = "Undersong")
	float ScoreOf(FName Emotion) const;

	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type Reason) override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

	// The audio render thread.
	virtual void OnNewSubmixBuffer(const USoundSubmix* OwningSubmix, float* AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double AudioClock) override;

private:
	bool Listen(int32 SampleRate, int32 NumChannels);

	TOptional<undersong::Live> Live;
	TArray<FName> Labels;
	TArray<float> Scores;
	int32 Channels = 0;
};
