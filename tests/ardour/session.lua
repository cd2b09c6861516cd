-- ardour7-lua session.lua FOLDER NAME RATE: a session with one track, "Voice", and Undersong (VST3) on it.
-- The names are global on purpose: with locals Ardour 7.3's interpreter collects the session while it is still in use.
AudioEngine:set_backend("None (Dummy)", "", "")
session = create_session(arg[1], arg[2], tonumber(arg[3]))
assert(session, "no session was made")
tracks = session:new_audio_track(1, 2, nil, 1, "Voice", -1, ARDOUR.TrackMode.Normal, true)
for track in tracks:iter() do voice = track end
plugin = ARDOUR.LuaAPI.new_plugin(session, "Undersong", ARDOUR.PluginType.VST3, "")
assert(not plugin:isnil(), "Ardour does not know the plugin Undersong")
assert(voice:add_processor_by_index(plugin, 0, nil, true) == 0, "Ardour refused the plugin")
session:save_state("")
close_session()
quit()
