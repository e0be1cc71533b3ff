#include "06-engine/network/dns_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <memory>

#include "06-engine/network/resolver_config.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_leases = 16 << 20;
// Containers come and go, and may get the address of another.
constexpr std::uint32_t seconds_to_remember = 0;
// What fits into a datagram of 512 bytes behind the longest name.
constexpr std::size_t most_records = 14;

std::vector<std::string> state_files(int folder) {
    constexpr std::string_view suffix = ".state";
    std::vector<std::string> names;
    UniqueFd copy(
        check(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open the leases"));
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(copy.release()),
                                            ::closedir);
    if (!dir) return names;
    while (dirent* entry = ::readdir(dir.get()))
        if (std::string_view name = entry->d_name; name.ends_with(suffix))
            names.emplace_back(name.substr(0, name.size() - suffix.size()));
    return names;
}

}  // namespace

DnsDirectory::DnsDirectory(EventLoop& loop, std::string network,
                           const std::string& leases)
    : network_(std::move(network)),
      folder_(check(::open(leases.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                    "open ", leases)),
      changes_(
          check(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init")),
      names_(network_, {}) {
    // Files are replaced, by rename: each is whole when it appears.
    check(::inotify_add_watch(changes_.get(), leases.c_str(),
                              IN_MOVED_TO | IN_DELETE),
          "watch ", leases);
    read_names();
    loop.watch(changes_.get(), EPOLLIN, [this] {
        char events[4096];
        while (::read(changes_.get(), events, sizeof events) > 0) {
        }
        read_names();
    });
}

void DnsDirectory::read_names() {
    std::map<std::string, NetworkLeases> networks;
    for (const std::string& name : state_files(folder_.get())) {
        UniqueFd file(::openat(folder_.get(), (name + ".state").c_str(),
                               O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (file)
            networks[name] = parse_leases(read_all(file.get(), largest_leases));
    }
    names_ = DnsNames(network_, std::move(networks));
}

//@ begin dns-decide
DnsDirectory::Decision DnsDirectory::decide(const std::string& query,
                                            const std::string& address) {
    auto question = parse_dns_query(query);
    if (!question) return {};
    DnsNames::Asker asker = names_.who_asks(address);
    if (auto records = names_.look_up(asker, *question)) {
        // Several containers of one name take turns at coming first.
        if (!records->empty()) {
            auto first = static_cast<std::ptrdiff_t>(turn_++ % records->size());
            std::rotate(records->begin(), records->begin() + first,
                        records->end());
        }
        if (records->size() > most_records) records->resize(most_records);
        return {dns_answer(query, *question, *records, seconds_to_remember)};
    }
    // On internal networks only: even a question would be a way out.
    if (!asker.may_leave)
        return {dns_failure(query, *question, DnsCode::NoSuchName)};
    std::vector<std::string> servers = asker.servers;
    if (servers.empty())
        servers = parse_resolver_config(host_resolv_conf()).servers;
    if (servers.empty())
        return {dns_failure(query, *question, DnsCode::ServerFailure)};
    return {"", servers, *question};
}
//@ end dns-decide

}  // namespace slipway
