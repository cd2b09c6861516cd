// Undersong for Unity, or any C#: the library's C functions, and a class that owns a voice. No UnityEngine in here.
//
// Put the library into Assets/Plugins/x86_64 as libAudioPluginUndersong.so, AudioPluginUndersong.dll or AudioPluginUndersong.bundle: Unity loads
// what is called AudioPlugin* when it starts, so that the first voice does not wait for it.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Undersong
{
    /// <summary>What a call came to: UndersongCode of undersong.h.</summary>
    public enum Code
    {
        Ok = 0, Empty = 1, Dropped = 2, Pointer = -1, StructSize = -2, Handle = -3, Busy = -4, SampleRate = -5, Channels = -6, Value = -7,
        NotFinite = -8, Sound = -9, Model = -10, Profile = -11, Engine = -12, Index = -13, Text = -14, Threads = -15, TooMany = -16, Internal = -17,
    }

    public enum EventKind : uint { Speech = 1, Update = 2 }

    public enum Pace : uint { Live = 0, Offline = 1 }

    /// <summary>An error of the library, in its words.</summary>
    public sealed class UndersongException : Exception
    {
        public Code Code { get; }
        public UndersongException(Code code, string message) : base(message) { Code = code; }
    }

    /// <summary>Something heard: UndersongEvent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Event
    {
        public uint StructSize;
        public EventKind Kind;
        public ulong AtFrame;
        public uint Speaking;
        public uint Emotions;
        public ulong Sequence;
        public ulong StartFrame;
        public ulong EndFrame;
        public int Leading;
        public uint Whole;
        public uint Voiced;
        public uint Unsure;
        public float Valence;
        public float Arousal;
        public float Confidence;
        public uint Reserved;
        public fixed float Scores[Native.MaxEmotions];
        public fixed float Raw[Native.MaxEmotions];

        /// <summary>Score of an emotion, by its index among <see cref="Voice.Labels"/>.</summary>
        public float Score(int index)
        {
            if (index < 0 || index >= Emotions) throw new ArgumentOutOfRangeException(nameof(index));
            fixed (float* scores = Scores) return scores[index];
        }
    }

    internal static unsafe class Native
    {
        public const string Library = "AudioPluginUndersong";
        public const int MaxEmotions = 16;
        public const int NameBytes = 32;
        public const int TextBytes = 256;

        [StructLayout(LayoutKind.Sequential)]
        public struct LiveConfig
        {
            public uint StructSize, SampleRateHz, Channels;
            public Pace Pace;
            public IntPtr Model;
            public double HopSeconds, SmoothingSeconds, DecaySeconds;
            public float Sensitivity;
            public uint PriorsCount;
            public IntPtr Priors;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct ModelInfo
        {
            public uint StructSize, Emotions;
            public double WindowSeconds;
            public uint SampleRateHz;
            public float UnsureBelow;
            public fixed byte Id[NameBytes];
            public fixed byte Name[TextBytes];
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct Emotion
        {
            public uint StructSize;
            public float Valence, Arousal, Prior;
            public fixed byte Name[NameBytes];
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct Status
        {
            public uint StructSize, Speaking;
            public float LevelDb, LagMs;
            public ulong DroppedFrames, MissedEvents;
            public uint Threads, Reserved;
            public fixed byte Engine[TextBytes];
            public fixed byte Trouble[TextBytes];
        }

        [DllImport(Library)] public static extern IntPtr undersong_version();
        [DllImport(Library)] public static extern IntPtr undersong_last_error();
        [DllImport(Library)] public static extern Code undersong_live_create(ref LiveConfig config, out IntPtr live);
        [DllImport(Library)] public static extern Code undersong_live_push(IntPtr live, float[] samples, UIntPtr frames);
        [DllImport(Library)] public static extern Code undersong_live_poll(IntPtr live, ref Event told);
        [DllImport(Library)] public static extern Code undersong_live_wait(IntPtr live);
        [DllImport(Library)] public static extern Code undersong_live_reset(IntPtr live);
        [DllImport(Library)] public static extern Code undersong_live_status(IntPtr live, ref Status status);
        [DllImport(Library)] public static extern Code undersong_live_model(IntPtr live, out IntPtr model);
        [DllImport(Library)] public static extern Code undersong_live_destroy(IntPtr live);
        [DllImport(Library)] public static extern Code undersong_model_info(IntPtr model, ref ModelInfo info);
        [DllImport(Library)] public static extern Code undersong_model_emotion(IntPtr model, uint index, ref Emotion emotion);
        [DllImport(Library)] public static extern Code undersong_model_destroy(IntPtr model);

        public static string Text(byte* bytes, int most)
        {
            int length = 0;
            while (length < most && bytes[length] != 0) length++;
            return Encoding.UTF8.GetString(bytes, length);
        }

        public static string Text(IntPtr text)
        {
            return Text((byte*)text, int.MaxValue);
        }

        public static void Check(Code code)
        {
            if (code < 0) throw new UndersongException(code, Text(undersong_last_error()));
        }
    }

    /// <summary>One voice, live. One thread pushes, such as Unity's audio thread; one polls, such as its main thread.</summary>
    public sealed unsafe class Voice : IDisposable
    {
        readonly IntPtr live;
        readonly int channels;

        /// <summary>The emotions, in the order of the scores.</summary>
        public IReadOnlyList<string> Labels { get; }

        public static string Version { get { return Native.Text(Native.undersong_version()); } }

        public Voice(int sampleRateHz, int channels, double smoothingSeconds = 0, double hopSeconds = 0, Pace pace = Pace.Live)
        {
            var config = new Native.LiveConfig
            {
                StructSize = (uint)sizeof(Native.LiveConfig),
                SampleRateHz = (uint)Math.Max(0, sampleRateHz),
                Channels = (uint)Math.Max(0, channels),
                Pace = pace,
                HopSeconds = hopSeconds,
                SmoothingSeconds = smoothingSeconds,
            };
            Native.Check(Native.undersong_live_create(ref config, out live));
            this.channels = channels;
            try { Labels = ReadLabels(); }
            catch { Dispose(); throw; }
        }

        List<string> ReadLabels()
        {
            IntPtr model;
            Native.Check(Native.undersong_live_model(live, out model));
            try
            {
                var info = new Native.ModelInfo { StructSize = (uint)sizeof(Native.ModelInfo) };
                Native.Check(Native.undersong_model_info(model, ref info));
                var labels = new List<string>();
                for (uint index = 0; index < info.Emotions; index++)
                {
                    var emotion = new Native.Emotion { StructSize = (uint)sizeof(Native.Emotion) };
                    Native.Check(Native.undersong_model_emotion(model, index, ref emotion));
                    labels.Add(Native.Text(emotion.Name, Native.NameBytes));
                }
                return labels;
            }
            finally { Native.undersong_model_destroy(model); }
        }

        /// <summary>Interleaved samples, as OnAudioFilterRead has them. It neither allocates nor waits, so it may run there.</summary>
        public Code Push(float[] samples)
        {
            return Native.undersong_live_push(live, samples, (UIntPtr)(samples.Length / channels));
        }

        /// <summary>The next event; false if there is none.</summary>
        public bool Poll(out Event told)
        {
            told = new Event { StructSize = (uint)sizeof(Event) };
            return Native.undersong_live_poll(live, ref told) == Code.Ok;
        }

        /// <summary>At the offline pace, waits for results.</summary>
        public void Wait() { Native.Check(Native.undersong_live_wait(live)); }

        /// <summary>Forgets what was heard. From the thread that pushes.</summary>
        public Code Reset() { return Native.undersong_live_reset(live); }

        /// <summary>Frames lost because the analysis did not keep up, and what is wrong, if anything is.</summary>
        public string Trouble(out ulong droppedFrames)
        {
            var status = new Native.Status { StructSize = (uint)sizeof(Native.Status) };
            Native.Check(Native.undersong_live_status(live, ref status));
            droppedFrames = status.DroppedFrames;
            return Native.Text(status.Trouble, Native.TextBytes);
        }

        /// <summary>Ends it. Calling it twice does no harm: the library knows the handle is none.</summary>
        public void Dispose()
        {
            if (live != IntPtr.Zero) Native.undersong_live_destroy(live);
            GC.SuppressFinalize(this);
        }

        ~Voice() { Native.undersong_live_destroy(live); }
    }
}
