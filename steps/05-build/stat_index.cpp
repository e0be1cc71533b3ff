#include "05-build/stat_index.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::int64_t second = 1'000'000'000;
// The kernel's clock for files ticks 100 to 1000 times a second.
constexpr std::int64_t tick = 20'000'000;
// Of file systems that keep no fractions: FAT has two seconds.
constexpr std::int64_t coarse_tick = 2 * second + tick;
constexpr std::size_t most_bytes = 512 << 20;
constexpr std::size_t most_kept = 500'000;  // records: 40 MB

// The file: this, the records, the hash of both. As the memory has them: it
// never leaves the machine.
struct Header {
    char magic[16] = "slipway-stat-1\n";
    std::uint64_t record_size = 0, records = 0;
};

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * second + time.tv_nsec;
}

bool is_racy(std::int64_t changed, std::int64_t read_at) {
    std::int64_t margin = changed % second == 0 ? coarse_tick : tick;
    return changed > read_at - margin;
}

template <class Value>
std::string_view bytes_of(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string_view as_bytes(const ContentHash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

bool could_change_unseen(const timespec& changed, const timespec& looked) {
    return is_racy(nanoseconds(changed), nanoseconds(looked));
}

StatIndex::StatIndex(std::string file) : file_(std::move(file)) {}

// Not before somebody asks: most builds that are cached do not.
void StatIndex::load_once() {
    if (loaded_) return;
    loaded_ = true;
    try {
        load();
    } catch (const Error&) {
        old_.clear();  // missing, or damaged: all is read once more
    }
    used_.assign(old_.size(), false);
}

std::size_t StatIndex::size() {
    std::lock_guard lock(mutex_);
    load_once();
    return old_.size() + fresh_.size();
}

void StatIndex::load() {
    UniqueFd fd(check(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW),
                      "open ", file_));
    struct stat info {};
    check(::fstat(fd.get(), &info), "look at ", file_);
    auto size = static_cast<std::size_t>(info.st_size);
    Header header;
    constexpr std::size_t least = sizeof header + sizeof(ContentHash);
    if (size < least || size > most_bytes) return;
    std::string bytes(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        ssize_t got = check(
            ::read(fd.get(), bytes.data() + filled, size - filled), "read");
        if (got == 0) return;
        filled += static_cast<std::size_t>(got);
    }
    std::string_view content(bytes.data(), size - sizeof(ContentHash));
    std::memcpy(static_cast<void*>(&header), bytes.data(), sizeof header);
    if (std::memcmp(header.magic, Header().magic, sizeof header.magic) != 0 ||
        header.record_size != sizeof(Record) ||
        header.records != (size - least) / sizeof(Record) ||
        as_bytes(hash_of(content)) != bytes.substr(content.size()))
        return;
    old_.resize(header.records);
    std::memcpy(old_.data(), bytes.data() + sizeof header,
                header.records * sizeof(Record));
}

StatIndex::Record StatIndex::key_of(const struct stat& info) {
    return {.device = info.st_dev,
            .inode = info.st_ino,
            .size = static_cast<std::uint64_t>(info.st_size),
            .modified = nanoseconds(info.st_mtim),
            .changed = nanoseconds(info.st_ctim),
            .hash = {},
            .has_xattrs = 0};
}

bool StatIndex::comes_before(const Record& a, const Record& b) {
    return std::tie(a.device, a.inode) < std::tie(b.device, b.inode);
}

std::optional<KnownFile> StatIndex::find(const struct stat& info) {
    Record key = key_of(info);
    auto known = [&](const Record& record) -> std::optional<KnownFile> {
        if (record.size != key.size || record.modified != key.modified ||
            record.changed != key.changed)
            return std::nullopt;
        return KnownFile{record.hash, record.has_xattrs != 0};
    };
    std::lock_guard lock(mutex_);
    load_once();
    auto fresh = fresh_.find({key.device, key.inode});
    if (fresh != fresh_.end()) return known(fresh->second);
    auto old = std::lower_bound(old_.begin(), old_.end(), key, comes_before);
    if (old == old_.end() || comes_before(key, *old)) return std::nullopt;
    used_[static_cast<std::size_t>(old - old_.begin())] = true;
    return known(*old);
}

void StatIndex::remember(const struct stat& info, const KnownFile& known,
                         const timespec& read_at) {
    Record record = key_of(info);
    std::int64_t latest = nanoseconds(read_at);
    if (is_racy(record.changed, latest)) return;
    record.hash = known.hash;
    record.has_xattrs = known.has_xattrs ? 1 : 0;
    std::lock_guard lock(mutex_);
    fresh_.insert_or_assign(std::pair{record.device, record.inode}, record);
}

// What this build did not come across stays, for another one may, or nobody had
// to look (plan_memo.hpp); unless it becomes too much.
void StatIndex::save() {
    if (fresh_.empty()) return;
    load_once();
    bool keep_all = old_.size() + fresh_.size() <= most_kept;
    std::vector<Record> all;
    for (const auto& [key, record] : fresh_) all.push_back(record);
    for (std::size_t i = 0; i < old_.size(); ++i)
        if (keep_all || used_[i]) all.push_back(old_[i]);
    // Of one file the latest: it comes first, and the sort leaves it there.
    std::stable_sort(all.begin(), all.end(), comes_before);
    all.erase(std::unique(all.begin(), all.end(),
                          [](const Record& a, const Record& b) {
                              return !comes_before(a, b) && !comes_before(b, a);
                          }),
              all.end());
    Header header;
    header.record_size = sizeof(Record);
    header.records = all.size();
    std::string bytes(bytes_of(header));
    bytes.append(reinterpret_cast<const char*>(all.data()),
                 all.size() * sizeof(Record));
    bytes.append(as_bytes(hash_of(bytes)));
    write_file_atomic(file_, bytes, 0600);
    fresh_.clear();
    used_.assign(all.size(), true);
    old_ = std::move(all);
}

std::string stat_index_file(const std::string& folder, int context_fd) {
    struct stat info {};
    check(::fstat(context_fd, &info), "look at the context");
    // Where it is, and which one: a new folder of the old name is another.
    std::string name = cat(info.st_dev, ":", info.st_ino);
    return cat(folder, "/", Digest::of(name).hex().substr(0, 32));
}

}  // namespace slipway
