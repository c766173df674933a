## Prints the name of each warning that this Godot has for scripts.
extends SceneTree

const FOLDER := "debug/gdscript/warnings/"
# Not warnings, but what stands in the same folder.
const OTHERS := ["enable", "directory_rules", "renamed_in_godot_4_hint"]


func _initialize() -> void:
    print(JSON.stringify({"event": "ready"}))
    for property in ProjectSettings.get_property_list():
        var name := str(property["name"])
        if name.begins_with(FOLDER) and name.trim_prefix(FOLDER) not in OTHERS:
            print(JSON.stringify({"event": "warning", "name": name.trim_prefix(FOLDER)}))
    quit()
