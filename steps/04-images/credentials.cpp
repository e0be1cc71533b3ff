#include "04-images/credentials.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "04-images/credential_helper.hpp"
#include "04-images/foreign_json.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t largest_config = 1 << 20;
constexpr char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw Error(ErrorKind::InvalidArgument, cat(file, ": ", why))
        .advise("mend the file, or move it away and log in again");
}

Json read_config(const std::string& file) {
    if (::access(file.c_str(), F_OK) != 0 &&
        (errno == ENOENT || errno == ENOTDIR))
        return Json::object();
    Json config = with_context(file, [&] {
        std::string text = read_file(file, largest_config);
        return text.empty() ? Json::object() : parse_foreign_json(text);
    });
    if (!config.is_object()) refuse(file, "is no JSON object");
    return config;
}

// The member, or null when it is not there.
const Json& member(const Json& object, const char* name) {
    static const Json none;
    auto found = object.find(name);
    return found == object.end() ? none : *found;
}

std::string text_member(const std::string& file, const Json& object,
                        const std::string& name) {
    const Json& value = member(object, name.c_str());
    if (value.is_null()) return "";
    if (!value.is_string()) refuse(file, cat(quote(name), " is no text"));
    return value.get<std::string>();
}

const Json& object_member(const std::string& file, const Json& object,
                          const char* name) {
    const Json& value = member(object, name);
    if (!value.is_null() && !value.is_object())
        refuse(file, cat(quote(name), " is no object"));
    return value;
}

// "https://ghcr.io/v2/" is how old clients wrote "ghcr.io".
std::string_view host_of_key(std::string_view key) {
    for (std::string_view scheme : {"https://", "http://"})
        if (key.starts_with(scheme)) {
            key.remove_prefix(scheme.size());
            return key.substr(0, key.find('/'));
        }
    return key;
}

const Json* find_entry(const Json& entries, std::string_view registry) {
    if (!entries.is_object()) return nullptr;
    auto exact = entries.find(credentials_key(registry));
    if (exact != entries.end()) return &*exact;
    for (const auto& [key, entry] : entries.items())
        if (host_of_key(key) == registry) return &entry;
    return nullptr;
}

std::optional<Credentials> read_entry(const std::string& file,
                                      const Json& entry) {
    if (!entry.is_object()) refuse(file, "an entry of \"auths\" is no object");
    Credentials found{text_member(file, entry, "username"),
                      text_member(file, entry, "password"),
                      text_member(file, entry, "identitytoken")};
    std::string auth = text_member(file, entry, "auth");
    if (!auth.empty()) {
        auto decoded = decode_base64(auth);
        std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
        if (colon == std::string::npos)
            refuse(file, "an \"auth\" is not the base64 of user:password");
        found.username = decoded->substr(0, colon);
        found.password = decoded->substr(colon + 1);
        // Docker's own writer has ended it in NUL at times.
        found.password.erase(found.password.find_last_not_of('\0') + 1);
    }
    if (found.username.empty() && found.identity_token.empty()) return {};
    return found;
}

std::string folder_of(const std::string& file) {
    std::size_t slash = file.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : file.substr(0, slash);
}

// Changes the file under a lock: of two logins at once none is lost. A symlink
// stays one, as people keep such files in a repository of their own.
template <class Change>
void change_config(const std::string& file, Change change) {
    std::error_code ignored;
    auto target = std::filesystem::canonical(file, ignored);
    const std::string path = target.empty() ? file : target.string();
    const std::string folder = folder_of(path);
    if (::access(folder.c_str(), F_OK) != 0) {
        std::filesystem::create_directories(folder_of(folder), ignored);
        if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
            throw_errno(errno, cat("make folder ", folder));
    }
    UniqueFd lock(
        check(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open ", folder));
    check(::flock(lock.get(), LOCK_EX), "lock ", folder);
    Json config = read_config(path);
    object_member(path, config, "auths");
    if (change(config))
        write_file_atomic(
            path,
            config.dump(4, ' ', false, Json::error_handler_t::replace) + '\n',
            0600);
}

}  // namespace

std::string docker_config_path() {
    if (const char* folder = ::getenv("DOCKER_CONFIG");
        folder != nullptr && *folder != '\0')
        return cat(folder, "/config.json");
    const char* home = ::getenv("HOME");
    if (home == nullptr || *home == '\0') return "";
    return cat(home, "/.docker/config.json");
}

std::string credentials_key(std::string_view registry) {
    if (registry == "docker.io" || registry == "index.docker.io" ||
        registry == "registry-1.docker.io")
        return "https://index.docker.io/v1/";
    return std::string(registry);
}

std::optional<Credentials> find_credentials(const std::string& file,
                                            std::string_view registry) {
    if (file.empty()) return {};
    Json config = read_config(file);
    std::string key = credentials_key(registry);
    const Json& helpers = object_member(file, config, "credHelpers");
    if (helpers.is_object()) {
        // By its key or, as people write it, by its name.
        std::string helper = text_member(file, helpers, key);
        if (helper.empty())
            helper = text_member(file, helpers, std::string(registry));
        if (!helper.empty()) return ask_credential_helper(helper, key);
    }
    const Json& entries = object_member(file, config, "auths");
    if (const Json* entry = find_entry(entries, registry))
        if (auto found = read_entry(file, *entry)) return found;
    std::string store = text_member(file, config, "credsStore");
    if (store.empty()) return {};
    return ask_credential_helper(store, key);
}

void save_credentials(const std::string& file, std::string_view registry,
                      const Credentials& credentials) {
    if (credentials.username.find(':') != std::string::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("user name ", quote(credentials.username),
                        ": has a colon, which would end it"));
    Json entry = Json::object();
    if (!credentials.username.empty())
        entry["auth"] =
            encode_base64(cat(credentials.username, ":", credentials.password));
    if (!credentials.identity_token.empty())
        entry["identitytoken"] = credentials.identity_token;
    change_config(file, [&](Json& config) {
        config["auths"][credentials_key(registry)] = entry;
        return true;
    });
}

bool remove_credentials(const std::string& file, std::string_view registry) {
    bool removed = false;
    if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) return false;
    change_config(file, [&](Json& config) {
        if (!config.contains("auths")) return false;
        Json& entries = config["auths"];
        if (!entries.is_object()) return false;
        Json kept = Json::object();
        for (const auto& [key, entry] : entries.items()) {
            if (key == credentials_key(registry) ||
                host_of_key(key) == registry)
                removed = true;
            else
                kept[key] = entry;
        }
        entries = std::move(kept);
        return removed;
    });
    return removed;
}

std::string encode_base64(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::string_view group = bytes.substr(i, 3);
        unsigned bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits =
                bits << 8 |
                (j < group.size() ? static_cast<unsigned char>(group[j]) : 0);
        for (std::size_t j = 0; j < 4; ++j)
            text +=
                j <= group.size() ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
    }
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {};
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (char c : text) {
        std::size_t value = std::string_view(alphabet, 64).find(c);
        if (value == std::string_view::npos) return {};
        bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 255);
    }
    return bytes;
}

}  // namespace slipway
