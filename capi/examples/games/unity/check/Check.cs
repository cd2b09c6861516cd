// Runs the bindings and the component without Unity, on a real take: Check.exe SOUND RATE. The engine's part is played by a stub.
using System;
using System.IO;
using System.Reflection;
using System.Threading;
using Undersong;
using UnityEngine;

static class Check
{
    static void That(bool condition, string what)
    {
        if (!condition) throw new Exception("not so: " + what);
    }

    static float[] Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var samples = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, samples, 0, samples.Length * 4);
        return samples;
    }

    // The same events as the C program prints them.
    static unsafe void Bindings(float[] sound, int rate)
    {
        Console.WriteLine("version " + Voice.Version);
        using (var voice = new Voice(rate, 2, pace: Pace.Offline))
        {
            foreach (string label in voice.Labels) Console.WriteLine("label " + label);
            int block = rate / 100;
            var frames = new float[2 * block];
            for (int from = 0; from + block <= sound.Length; from += block)
            {
                for (int frame = 0; frame < block; frame++) frames[2 * frame] = frames[2 * frame + 1] = sound[from + frame];
                That(voice.Push(frames) == Code.Ok, "a block is taken");
                voice.Wait();
                Event told;
                while (voice.Poll(out told))
                {
                    if (told.Kind == EventKind.Speech) { Console.WriteLine("speech {0} {1}", told.AtFrame, told.Speaking); continue; }
                    Console.Write("update {0} {1} {2} {3}", told.StartFrame, told.EndFrame, told.Whole, told.Voiced);
                    for (int emotion = 0; emotion < told.Emotions; emotion++) Console.Write(" " + told.Raw[emotion].ToString("R"));
                    Console.WriteLine();
                }
            }
            ulong dropped;
            That(voice.Trouble(out dropped) == "" && dropped == 0, "nothing is dropped");
            voice.Dispose();
            That(voice.Push(frames) == Code.Handle, "a push after Dispose is refused");
        }
        try { new Voice(0, 1); That(false, "a rate of 0 is refused"); }
        catch (UndersongException error) { That(error.Code == Code.SampleRate && error.Message.Contains("8000"), error.Message); }
        try { new Voice(rate, 9); That(false, "nine channels are refused"); }
        catch (UndersongException error) { That(error.Code == Code.Channels, error.Message); }
    }

    static void Call(object component, string method, params object[] arguments)
    {
        component.GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic).Invoke(component, arguments);
    }

    // As Unity would drive it: the audio thread and the main thread in turns.
    static void Component(float[] sound, int rate)
    {
        AudioSettings.outputSampleRate = rate;
        var component = new UndersongVoice();
        int updates = 0, named = 0;
        component.onUpdate.AddListener((label, confidence) =>
        {
            updates++;
            if (label != "") named++;
            That(!float.IsNaN(confidence), "a number");
        });
        Call(component, "OnEnable");
        int block = 512;
        var frames = new float[2 * block];
        bool spoke = false;
        for (int from = 0; from + block <= sound.Length; from += block)
        {
            for (int frame = 0; frame < block; frame++) frames[2 * frame] = frames[2 * frame + 1] = sound[from + frame];
            Call(component, "OnAudioFilterRead", frames, 2);
            Call(component, "Update");
            spoke |= component.Speaking;
            Thread.Sleep(3);
        }
        for (int turn = 0; turn < 100 && updates < 40; turn++) { Thread.Sleep(10); Call(component, "Update"); }
        Call(component, "OnDisable");
        Call(component, "Update");
        Call(component, "OnAudioFilterRead", frames, 2);
        That(updates > 20 && named > 5 && spoke, updates + " updates, " + named + " with a label");
        Console.WriteLine("component done");
    }

    static void Main(string[] arguments)
    {
        float[] sound = Read(arguments[0]);
        int rate = int.Parse(arguments[1]);
        Bindings(sound, rate);
        Component(sound, rate);
    }
}
