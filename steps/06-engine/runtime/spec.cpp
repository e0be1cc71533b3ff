#include "06-engine/runtime/spec.hpp"

#include <limits.h>
#include <sched.h>

#include <algorithm>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// "1.2.0", "1.0.2-dev": semver.org. Within 1 all can be read by all.
std::string read_version(const DocumentField& field) {
    std::string version = field.text();
    std::vector<std::string> parts =
        split(version.substr(0, version.find_first_of("-+")), '.');
    bool numbers = std::all_of(parts.begin(), parts.end(), [](auto& part) {
        return parse_unsigned(part, INT32_MAX).has_value();
    });
    if (parts.size() != 3 || !numbers)
        field.refuse(cat(shown_text(version), " is no version like 1.2.0"));
    if (parts[0] != "1")
        field.refuse(cat(shown_text(version), ": only version 1 is read here"));
    return version;
}

void read_root(const DocumentField& field, Spec& spec) {
    DocumentField path = field.at("path");
    spec.root_path = path.text();
    if (spec.root_path.empty()) path.refuse("it is empty");
    read_field(field, "readonly", spec.root_read_only);
}

void read_uts_name(const DocumentField& document, const char* key,
                   const Spec& spec, std::string& to) {
    auto field = document.find(key);
    if (!field) return;
    to = field->text();
    if (to.size() > HOST_NAME_MAX)
        field->refuse(cat("it is longer than ", HOST_NAME_MAX, " letters"));
    if (!to.empty() && !spec.find_namespace(CLONE_NEWUTS))
        field->refuse("it needs a uts namespace, or the host would get it");
}

void read_annotations(const DocumentField& field, Spec& spec) {
    spec.annotations = field.text_map();
    if (spec.annotations.contains("")) field.refuse("one has no name");
}

}  // namespace

//@ begin parse-spec
Spec parse_spec(std::string_view config_json) {
    DocumentField document =
        parse_document(config_json, "config.json", largest_spec, spec_advice);
    Spec spec{.oci_version = read_version(document.at("ociVersion"))};
    read_root(document.at("root"), spec);
    // Its namespaces decide what else is allowed.
    if (auto part = document.find("linux")) read_linux(*part, spec);
    if (auto process = document.find("process")) {
        spec.process = read_process(*process);
        std::move(spec.process->warnings.begin(), spec.process->warnings.end(),
                  std::back_inserter(spec.warnings));
        spec.process->warnings.clear();
    }
    read_uts_name(document, "hostname", spec, spec.hostname);
    read_uts_name(document, "domainname", spec, spec.domainname);
    if (auto mounts = document.find("mounts")) read_mounts(*mounts, spec);
    if (auto hooks = document.find("hooks")) spec.hooks = read_hooks(*hooks);
    if (auto notes = document.find("annotations"))
        read_annotations(*notes, spec);
    return spec;
}
//@ end parse-spec

const NamespaceSpec* Spec::find_namespace(int flag) const {
    for (const NamespaceSpec& one : namespaces)
        if (one.flag == flag) return &one;
    return nullptr;
}

bool Spec::is_new(int flag) const {
    const NamespaceSpec* one = find_namespace(flag);
    return one && one->path.empty();
}

}  // namespace slipway
