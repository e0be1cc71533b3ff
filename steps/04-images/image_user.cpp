#include "04-images/image_user.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::uint64_t largest_id = UINT32_MAX - 1;
using Fields = std::vector<std::string>;

// The lines of a file of the image, split at colons. A file that is missing
// has no lines.
std::vector<Fields> read_table(int root_fd, const char* path) {
    constexpr std::size_t longest = 1 << 20;
    std::vector<Fields> table;
    try {
        UniqueFd file = open_in_root(root_fd, path, O_RDONLY | O_NONBLOCK);
        for (const std::string& line :
             split(read_all(file.get(), longest), '\n'))
            table.push_back(split(line, ':'));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
    }
    return table;
}

std::optional<std::uint32_t> as_id(std::string_view text) {
    auto id = parse_unsigned(text, largest_id);
    if (!id) return std::nullopt;
    return static_cast<std::uint32_t>(*id);
}

// A text of digits is meant as a number, also when it is none that fits.
bool looks_like_number(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::uint32_t require_id(std::string_view text) {
    if (auto id = as_id(text)) return *id;
    throw Error(ErrorKind::InvalidArgument,
                cat("user or group ", quote(text), " is no id"))
        .advise(cat("ids go from 0 to ", largest_id));
}

[[noreturn]] void refuse_name(const char* what, const char* file,
                              std::string_view name) {
    throw Error(ErrorKind::NotFound,
                cat(what, " ", quote(name), " is not in the image's ", file))
        .advise("create it in the image, or use its number");
}

//@ begin find-user
// name:password:uid:gid:comment:home:shell
ImageUser find_user(int root_fd, std::string_view text) {
    ImageUser user;
    bool number = looks_like_number(text);
    if (number) user.uid = require_id(text);
    for (const Fields& line : read_table(root_fd, "/etc/passwd")) {
        if (line.size() < 6) continue;
        auto uid = as_id(line[2]), gid = as_id(line[3]);
        bool fits = number ? uid == user.uid : line[0] == text;
        if (!fits || !uid || !gid) continue;
        user.uid = *uid;
        user.gid = *gid;
        user.name = line[0];
        if (line[5].starts_with('/')) user.home = line[5];
        return user;
    }
    if (!number) refuse_name("user", "/etc/passwd", text);
    return user;
}
//@ end find-user

// name:password:gid:member,member
std::vector<gid_t> groups_of(int root_fd, const std::string& name) {
    std::vector<gid_t> groups;
    constexpr std::size_t most_groups = 65536;  // NGROUPS_MAX
    for (const Fields& line : read_table(root_fd, "/etc/group")) {
        if (line.size() < 4 || groups.size() == most_groups) continue;
        std::vector<std::string> members = split(line[3], ',');
        auto gid = as_id(line[2]);
        if (gid &&
            std::find(members.begin(), members.end(), name) != members.end())
            groups.push_back(*gid);
    }
    return groups;
}

}  // namespace

gid_t find_image_group(int root_fd, std::string_view text) {
    if (looks_like_number(text)) return require_id(text);
    for (const Fields& line : read_table(root_fd, "/etc/group"))
        if (line.size() >= 3 && line[0] == text)
            if (auto gid = as_id(line[2])) return *gid;
    refuse_name("group", "/etc/group", text);
}

ImageUser find_image_user(int root_fd, std::string_view text) {
    std::size_t colon = text.find(':');
    std::string_view user_text = text.substr(0, colon);
    ImageUser user = find_user(root_fd, user_text.empty() ? "0" : user_text);
    if (colon != std::string_view::npos)
        user.gid = find_image_group(root_fd, text.substr(colon + 1));
    else if (!user.name.empty())
        user.groups = groups_of(root_fd, user.name);
    return user;
}

}  // namespace slipway
