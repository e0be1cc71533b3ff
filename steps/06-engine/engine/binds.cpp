#include "06-engine/engine/binds.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why,
                         std::string advice = "write [SOURCE:]TARGET[:ro]") {
    throw Error(ErrorKind::InvalidArgument,
                cat("volume ", quote(text), ": ", why))
        .advise(std::move(advice));
}

constexpr std::array<std::string_view, 6> propagations = {
    "shared", "rshared", "slave", "rslave", "private", "rprivate"};
// SELinux labels, which there are none of; and Docker Desktop's caches.
constexpr std::array<std::string_view, 5> ignored = {"z", "Z", "cached",
                                                     "delegated", "consistent"};

template <class List>
bool has(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

// False: there is no such option.
bool take_option(MountRequest& mount, std::string_view option) {
    if (option == "ro")
        mount.read_only = true;
    else if (option == "nocopy")
        mount.no_copy = true;
    else if (option == "U")
        mount.match_user = true;
    else if (has(propagations, option))
        mount.propagation = option;
    else
        return option == "rw" || has(ignored, option);
    return true;
}

void take_options(MountRequest& mount, std::string_view text,
                  std::string_view options) {
    std::vector<std::string> all = split(options, ',');
    for (const std::string& option : all)
        if (!take_option(mount, option))
            refuse(text, cat("unknown option ", quote(option)));
    if (has(all, "ro") && has(all, "rw"))
        refuse(text, "ro and rw contradict each other");
    if (mount.no_copy && mount.type == "bind")
        refuse(text,
               "nocopy is for volumes: a folder of the host stays as it "
               "is anyway");
    if (!mount.propagation.empty() && mount.type != "bind")
        refuse(text, cat(mount.propagation, " is for folders of the host"));
}

bool is_option_list(std::string_view text) {
    MountRequest scratch{.target = ""};
    for (const std::string& option : split(text, ','))
        if (!take_option(scratch, option)) return false;
    return true;
}

void check_target(std::string_view text, const std::string& target) {
    if (!target.starts_with('/'))
        refuse(text, cat("the target ", quote(target), " is not absolute"),
               "write the path inside the container, from / on");
    if (target.find_first_not_of("/.") == std::string::npos &&
        target.find("..") == std::string::npos)
        refuse(text, "the target cannot be /");
}

bool is_name_letter(char c, bool first) {
    bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                 (c >= 'A' && c <= 'Z');
    return alnum || (!first && (c == '_' || c == '.' || c == '-'));
}

// The source of what is no path.
void check_name(std::string_view name) {
    auto fail = [&](const std::string& why) {
        throw Error(ErrorKind::InvalidArgument,
                    cat("volume name ", quote(name), ": ", why))
            .advise("for a folder of the host write its path, from / or ./ on");
    };
    if (name.size() < 2) fail("it has fewer than two letters");
    if (name.size() > 255) fail("it is longer than 255 letters");
    for (std::size_t i = 0; i < name.size(); ++i)
        if (!is_name_letter(name[i], i == 0))
            fail(i == 0 ? "it must begin with a letter or a digit"
                        : "only letters, digits, _ . and - are allowed");
}

}  // namespace

MountRequest parse_bind(std::string_view text) {
    std::vector<std::string> parts = split(text, ':');
    if (parts.size() > 3) refuse(text, "more than two colons");
    if (parts.size() == 2 && !parts[1].starts_with('/') &&
        is_option_list(parts[1]))
        refuse(text, "options need a source and a target in front");
    MountRequest mount{.target = parts.size() == 1 ? parts[0] : parts[1]};
    check_target(text, mount.target);
    if (parts.size() == 1) return mount;
    mount.source = parts[0];
    if (mount.source.empty()) refuse(text, "the source is empty");
    if (mount.source.starts_with('/')) {
        mount.type = "bind";
        mount.create_source = true;
    } else {
        check_name(mount.source);
    }
    if (parts.size() == 3) take_options(mount, text, parts[2]);
    return mount;
}

std::string bind_text(const MountRequest& mount) {
    if (mount.source.empty()) return {};
    std::vector<std::string> options;
    if (mount.read_only) options.emplace_back("ro");
    if (mount.no_copy) options.emplace_back("nocopy");
    if (mount.match_user) options.emplace_back("U");
    if (!mount.propagation.empty()) options.push_back(mount.propagation);
    std::string text = cat(mount.source, ":", mount.target);
    if (!options.empty()) text += cat(":", join(options, ","));
    try {
        if (parse_bind(text) == mount) return text;
    } catch (const Error&) {
        // A colon in a path, or what only --mount can say.
    }
    return {};
}

}  // namespace slipway
