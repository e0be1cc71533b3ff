#include "06-engine/cli/security_options.hpp"

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/security/capabilities.hpp"
#include "06-engine/security/seccomp.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

std::string parse_capability(std::string_view option, std::string_view text) {
    std::string name = to_upper(trim(text));
    if (name == "ALL" || name == "CAP_ALL") return "ALL";
    if (auto number = capability_number(name)) return capability_name(*number);
    if (!name.starts_with("CAP_")) name = "CAP_" + name;
    std::string guess = nearest(name, capability_names());
    refuse_option(option, text, "there is no such capability",
                  guess.empty() ? "capabilities(7) lists them"
                                : cat("did you mean ", guess, "?"));
}

std::string parse_isolation(std::string_view text) {
    std::string word = to_lower(text);
    if (word.empty() || word == "default" || word == "full") return "";
    if (word == "process" || word == "hyperv")
        refuse_option("--isolation", text, "that is for Windows");
    if (word.starts_with('+')) word.erase(0, 1);
    if (word == "ns") word = "namespaces";
    std::vector<std::string> words = {"chroot", "namespaces", "cgroups",
                                      "full"};
    if (std::find(words.begin(), words.end(), word) != words.end()) return word;
    std::string guess = nearest(word, words);
    refuse_option("--isolation", text, "there is no such level",
                  guess.empty() ? cat("levels are ", join(words, ", "))
                                : cat("did you mean ", guess, "?"));
}

std::string parse_runtime(const std::string& text) {
    if (text == own_runtime) return "";
    return text.find('/') == text.npos
               ? text
               : std::filesystem::absolute(text).lexically_normal().string();
}

std::string parse_mode(std::string_view option, std::string_view text,
                       const std::vector<std::string>& words) {
    constexpr std::string_view join_word = "container:";
    for (const std::string& word : words) {
        if (text == word && word != join_word)
            return word == "private" && option != "--ipc" &&
                           option != "--cgroupns"
                       ? ""  // their default, which has no word
                       : word;
        if (word == join_word && text.starts_with(word) && text != word)
            return std::string(text);
    }
    std::vector<std::string> shown = words;
    std::erase(shown, "");
    for (std::string& word : shown)
        if (word == join_word) word = "container:NAME";
    refuse_option(option, text, cat("it is none of ", join(shown, ", ")));
}

namespace {

constexpr char option[] = "--security-opt";

// Checked here, where somebody who can mend it reads the message, and kept as
// it is in the file.
std::string read_profile(const std::string& path) {
    constexpr std::size_t largest_profile = 4 << 20;
    return with_context(cat(option, " seccomp"), [&] {
        std::string text = read_file(path, largest_profile);
        DocumentField profile = parse_document(text, path, largest_profile);
        // With all capabilities: every rule that could hold here is looked at.
        std::string made = docker_seccomp(profile, ~std::uint64_t{0}).dump();
        read_seccomp(parse_document(made, path, largest_profile));
        return profile.value().dump();
    });
}

[[noreturn]] void unsupported(std::string_view text, std::string_view what) {
    throw Error(ErrorKind::Unsupported,
                cat(option, " ", quote(text), ": Slipway has no ", what))
        .advise(
            "leave it out; capabilities, seccomp and masked paths hold "
            "without it");
}

void check_label(std::string_view text, std::string_view value) {
    if (value != "disable") unsupported(text, "SELinux support");
}

}  // namespace

void add_security_option(HostConfig& host, std::string_view text) {
    // Docker once wrote a colon.
    std::size_t at = text.find_first_of("=:");
    std::string key(text.substr(0, at)), value;
    bool has_value = at != text.npos;
    if (has_value) value = text.substr(at + 1);
    if (key == "no-new-privileges") {
        bool on = !has_value || parse_truth(option, value);
        std::erase_if(host.security_options, [](const std::string& each) {
            return each.starts_with("no-new-privileges");
        });
        if (on) host.security_options.emplace_back("no-new-privileges");
    } else if (key == "seccomp" && value == "builtin") {
        host.seccomp_profile.clear();
    } else if (key == "seccomp" && !value.empty()) {
        host.seccomp_profile =
            value == "unconfined" ? value : read_profile(value);
    } else if (key == "systempaths" && value == "unconfined") {
        host.security_options.emplace_back("systempaths=unconfined");
    } else if (key == "writable-cgroups") {
        if (parse_truth(option, value)) unsupported(text, "writable cgroups");
    } else if (key == "apparmor") {
        if (value != "unconfined") unsupported(text, "AppArmor support");
    } else if (key == "label") {
        check_label(text, value);
    } else {
        refuse_option(option, text, "there is no such option",
                      "options are no-new-privileges, seccomp=unconfined, "
                      "seccomp=FILE, systempaths=unconfined");
    }
}

}  // namespace slipway
