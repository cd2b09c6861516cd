// A stub of UnityEngine: the published signatures that UndersongVoice.cs uses, and nothing behind them. Not Unity.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public class Object { }
    public class Component : Object { }
    public class Behaviour : Component { public bool enabled { get; set; } }
    public class MonoBehaviour : Behaviour { }
    public sealed class AudioSource : Behaviour { }
    public enum AudioSpeakerMode { Mono = 1, Stereo = 2 }
    public static class AudioSettings
    {
        public static int outputSampleRate { get; set; } = 48000;
        public static AudioSpeakerMode speakerMode { get; set; } = AudioSpeakerMode.Stereo;
    }
    public static class Debug { public static void LogError(object message, Object context) { Console.Error.WriteLine(message); } }
    public sealed class RequireComponent : Attribute { public RequireComponent(Type type) { } }
    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }
    public sealed class RangeAttribute : Attribute { public RangeAttribute(float least, float most) { } }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction<A, B>(A first, B second);
    public abstract class UnityEvent<A, B>
    {
        readonly List<UnityAction<A, B>> listeners = new List<UnityAction<A, B>>();
        public void AddListener(UnityAction<A, B> listener) { listeners.Add(listener); }
        public void Invoke(A first, B second) { foreach (var listener in listeners) listener(first, second); }
    }
}
