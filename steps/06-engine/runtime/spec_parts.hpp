// The parts of config.json, each with a reader of its own; for spec.cpp and
// resources.cpp, not for others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "02-namespaces/id_map.hpp"
#include "06-engine/runtime/spec.hpp"
#include "common/document.hpp"

namespace slipway {

constexpr char spec_advice[] =
    "the OCI runtime specification, config.md and config-linux.md, says what "
    "each field may be; `slipway-oci spec` writes an example";

// Each reads a field into what it is for, and leaves that alone when the field
// is not there.
void read_field(const DocumentField& from, const char* key, std::string& to);
void read_field(const DocumentField& from, const char* key,
                std::vector<std::string>& to);
void read_field(const DocumentField& from, const char* key, bool& to);

/// The text that stands there, in an error's message: hostile ones are long.
std::string shown_text(std::string_view text);
/// Throws unless it begins with a slash.
std::string read_absolute_path(const DocumentField& field);
std::vector<std::string> read_absolute_paths(const DocumentField& list);
/// "KEY=value" each, as execve(2) hands them on.
std::vector<std::string> read_environment(const DocumentField& list);
/// A user or group: 4294967295 is "no change" to the kernel, and refused.
std::uint32_t read_id(const DocumentField& field);
std::vector<IdRange> read_id_ranges(const DocumentField& list);
/// As the kernel has them: 12 bits and 20.
std::uint32_t read_major(const DocumentField& field);
std::uint32_t read_minor(const DocumentField& field);

template <class Value>
struct NamedValue {
    const char* name;
    Value value;
};
/// What the text in the field stands for in the table; throws for a text that
/// is not there.
template <class Value, std::size_t size>
Value read_named(const DocumentField& field,
                 const NamedValue<Value> (&table)[size]) {
    std::string text = field.text();
    for (const NamedValue<Value>& entry : table)
        if (text == entry.name) return entry.value;
    field.refuse(shown_text(text) + " is not known");
}

ProcessSpec read_process(const DocumentField& field);
void read_mounts(const DocumentField& list, Spec& spec);
Hooks read_hooks(const DocumentField& field);
/// Everything below "linux".
void read_linux(const DocumentField& field, Spec& spec);
void read_devices(const DocumentField& list, Spec& spec);
/// After the namespaces: a setting must belong to one of them.
void read_sysctls(const DocumentField& field, Spec& spec);

}  // namespace slipway
