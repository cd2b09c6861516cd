// A component: put it on the GameObject whose AudioSource plays the voice (a recording, or a microphone's clip). The AudioSource's sound passes through
// unchanged.
using System;
using UnityEngine;
using UnityEngine.Events;

namespace Undersong
{
    [RequireComponent(typeof(AudioSource))]
    public sealed class UndersongVoice : MonoBehaviour
    {
        [Tooltip("Time constant of the smoothing, in seconds")]
        [Range(0, 2)] public float smoothing = 0.3f;

        [Serializable] public sealed class EmotionEvent : UnityEvent<string, float> { }

        /// The leading emotion ("" if it is unsure) and its score, on the main thread.
        public EmotionEvent onUpdate = new EmotionEvent();

        public string Label { get; private set; } = "";
        public float Valence { get; private set; }
        public float Arousal { get; private set; }
        public bool Speaking { get; private set; }

        // Made on the audio thread's first block would be too late and too slow there; so it waits for the number of channels that is known here.
        Voice voice;
        int channels;

        void OnEnable()
        {
            channels = AudioSettings.speakerMode == AudioSpeakerMode.Mono ? 1 : 2;
            try { voice = new Voice(AudioSettings.outputSampleRate, channels, smoothing); }
            catch (UndersongException error)
            {
                Debug.LogError("Undersong: " + error.Message, this);
                enabled = false;
            }
        }

        void OnDisable()
        {
            if (voice != null) voice.Dispose();
            voice = null;
        }

        // The audio thread.
        void OnAudioFilterRead(float[] data, int count)
        {
            Voice now = voice;
            if (now != null && count == channels) now.Push(data);
        }

        void Update()
        {
            Event told;
            while (voice != null && voice.Poll(out told))
            {
                if (told.Kind == EventKind.Speech)
                {
                    Speaking = told.Speaking != 0;
                    continue;
                }
                Label = told.Leading >= 0 && told.Unsure == 0 ? voice.Labels[told.Leading] : "";
                Valence = told.Valence;
                Arousal = told.Arousal;
                onUpdate.Invoke(Label, told.Confidence);
            }
        }
    }
}
