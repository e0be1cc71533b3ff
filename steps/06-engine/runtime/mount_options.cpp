#include "06-engine/runtime/mount_options.hpp"

#include <sys/mount.h>

#include <algorithm>

#include "common/text.hpp"

namespace slipway {

namespace {

// Sources: OCI runtime specification, config.md "Linux mount options";
// mount(8), "Filesystem-independent mount options".

/// A word for an attribute of a mount. Behind an r it counts for all mounts
/// below, too.
struct AttributeWord {
    std::string_view word;
    std::uint64_t attribute;
    bool set;
};
constexpr AttributeWord attribute_words[] = {
    {"ro", MOUNT_ATTR_RDONLY, true},
    {"rw", MOUNT_ATTR_RDONLY, false},
    {"nosuid", MOUNT_ATTR_NOSUID, true},
    {"suid", MOUNT_ATTR_NOSUID, false},
    {"nodev", MOUNT_ATTR_NODEV, true},
    {"dev", MOUNT_ATTR_NODEV, false},
    {"noexec", MOUNT_ATTR_NOEXEC, true},
    {"exec", MOUNT_ATTR_NOEXEC, false},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, true},
    {"diratime", MOUNT_ATTR_NODIRATIME, false},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, true},
    {"symfollow", MOUNT_ATTR_NOSYMFOLLOW, false},
};

/// One of three values of one field. The word with "no" takes its value back;
/// then it is the kernel's usual one, relatime.
constexpr AttributeWord access_time_words[] = {
    {"relatime", MOUNT_ATTR_RELATIME, true},
    {"norelatime", MOUNT_ATTR_RELATIME, false},
    {"noatime", MOUNT_ATTR_NOATIME, true},
    {"atime", MOUNT_ATTR_NOATIME, false},
    {"strictatime", MOUNT_ATTR_STRICTATIME, true},
    {"nostrictatime", MOUNT_ATTR_STRICTATIME, false},
};

struct PropagationWord {
    std::string_view word;
    unsigned long flags;
};
constexpr PropagationWord propagation_words[] = {
    {"private", MS_PRIVATE},       {"rprivate", MS_PRIVATE | MS_REC},
    {"slave", MS_SLAVE},           {"rslave", MS_SLAVE | MS_REC},
    {"shared", MS_SHARED},         {"rshared", MS_SHARED | MS_REC},
    {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE | MS_REC},
};

/// Of the file system. What is usual has no flag, it takes one back.
struct FlagWord {
    std::string_view word, flag;
};
constexpr FlagWord flag_words[] = {
    {"sync", "sync"},           {"async", "sync"},
    {"dirsync", "dirsync"},     {"mand", "mand"},
    {"nomand", "mand"},         {"lazytime", "lazytime"},
    {"nolazytime", "lazytime"}, {"iversion", "iversion"},
    {"noiversion", "iversion"},
};

constexpr std::string_view other_words[] = {
    "bind", "rbind", "remount", "tmpcopyup", "idmap", "ridmap",
    // Understood, and nothing to do: the kernel has no use for them here. The
    // last two say whether it writes to its log when a disk makes no sense.
    "defaults", "silent", "loud"};

template <class Table>
auto find_word(const Table& table, std::string_view word) {
    auto found =
        std::find_if(std::begin(table), std::end(table),
                     [&](const auto& entry) { return entry.word == word; });
    return found == std::end(table) ? nullptr : found;
}

void change(const AttributeWord& word, std::uint64_t& set,
            std::uint64_t& clear) {
    (word.set ? set : clear) |= word.attribute;
    (word.set ? clear : set) &= ~word.attribute;
}

// mount_setattr(2) wants the whole field cleared before one of its values is
// set; "relatime" is the value 0.
void change_access_time(const AttributeWord& word, std::uint64_t& set,
                        std::uint64_t& clear) {
    std::uint64_t now = set & MOUNT_ATTR__ATIME;
    if (!word.set && word.attribute == MOUNT_ATTR_RELATIME) return;
    clear |= MOUNT_ATTR__ATIME;
    if (!word.set && now != word.attribute) return;
    set &= ~std::uint64_t{MOUNT_ATTR__ATIME};
    if (word.set) set |= word.attribute;
}

bool take_attribute(std::string_view word, std::uint64_t& set,
                    std::uint64_t& clear) {
    if (const AttributeWord* found = find_word(attribute_words, word))
        change(*found, set, clear);
    else if (const AttributeWord* time = find_word(access_time_words, word))
        change_access_time(*time, set, clear);
    else
        return false;
    return true;
}

bool take_flag(std::string_view word, std::vector<std::string>& flags) {
    const FlagWord* found = find_word(flag_words, word);
    if (!found) return false;
    flags.erase(std::remove(flags.begin(), flags.end(), found->flag),
                flags.end());
    if (found->flag == word) flags.emplace_back(word);
    return true;
}

bool take_other(std::string_view word, MountOptions& options) {
    if (word == "bind" || word == "rbind") {
        options.bind = word == "bind";
        options.recursive_bind = !options.bind;
    }
    if (word == "remount") options.remount = true;
    if (word == "tmpcopyup") options.copy_up = true;
    if (word == "idmap" || word == "ridmap") {
        options.id_map = word == "idmap";
        options.id_map_below = !options.id_map;
    }
    return std::find(std::begin(other_words), std::end(other_words), word) !=
           std::end(other_words);
}

// mount(8): these are for programs that read fstab, not for the kernel.
bool is_remark(std::string_view word) {
    return word.empty() || word.starts_with("x-") || word.starts_with("X-") ||
           word.starts_with("comment=");
}

// "size=64k,mode=700" as one word is fine with mount(2), which takes all in one
// text; fsconfig(2) takes one at a time. A comma that is quoted or escaped
// belongs to the value: context="…:c1,c2", lowerdir=a\,b.
void add_data(const std::string& word, std::vector<std::string>& data) {
    if (word.find_first_of("\"\\") != std::string::npos) {
        data.push_back(word);
        return;
    }
    for (std::string& part : split(word, ','))
        if (!part.empty()) data.push_back(std::move(part));
}

void take_word(const std::string& word, MountOptions& options) {
    if (is_remark(word)) return;
    if (take_attribute(word, options.set, options.clear)) return;
    if (take_flag(word, options.flags)) return;
    if (take_other(word, options)) return;
    if (auto flags = parse_propagation(word)) {
        options.propagation.push_back(*flags);
        return;
    }
    if (word.starts_with('r') &&
        take_attribute(std::string_view(word).substr(1), options.set_below,
                       options.clear_below))
        return;
    add_data(word, options.data);
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& words) {
    MountOptions options;
    for (const std::string& word : words) take_word(word, options);
    return options;
}

std::optional<unsigned long> parse_propagation(std::string_view word) {
    const PropagationWord* found = find_word(propagation_words, word);
    if (!found) return std::nullopt;
    return found->flags;
}

std::vector<std::string> known_mount_options() {
    std::vector<std::string> words(std::begin(other_words),
                                   std::end(other_words));
    auto add_attributes = [&](const auto& table) {
        for (const AttributeWord& entry : table) {
            words.emplace_back(entry.word);
            words.push_back(cat("r", entry.word));
        }
    };
    add_attributes(attribute_words);
    add_attributes(access_time_words);
    for (const FlagWord& entry : flag_words) words.emplace_back(entry.word);
    for (const PropagationWord& entry : propagation_words)
        words.emplace_back(entry.word);
    std::sort(words.begin(), words.end());
    return words;
}

}  // namespace slipway
