#include <algorithm>
#include <array>
#include <iterator>

#include "06-engine/engine/process_view.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Columns = std::vector<ProcessColumn>;

/// ps(1), STANDARD FORMAT SPECIFIERS: names that mean the same, and the title.
struct Specifier {
    std::string_view name, field, title;
};

constexpr Specifier specifiers[] = {{"%cpu", "%cpu", "%CPU"},
                                    {"%mem", "%mem", "%MEM"},
                                    {"args", "args", "COMMAND"},
                                    {"c", "c", "C"},
                                    {"cmd", "args", "CMD"},
                                    {"comm", "comm", "COMMAND"},
                                    {"command", "args", "COMMAND"},
                                    {"cputime", "time", "TIME"},
                                    {"egid", "gid", "EGID"},
                                    {"etime", "etime", "ELAPSED"},
                                    {"etimes", "etimes", "ELAPSED"},
                                    {"euid", "uid", "EUID"},
                                    {"euser", "user", "EUSER"},
                                    {"fname", "comm", "COMMAND"},
                                    {"gid", "gid", "GID"},
                                    {"group", "gid", "GROUP"},
                                    {"ni", "ni", "NI"},
                                    {"nice", "ni", "NI"},
                                    {"nlwp", "nlwp", "NLWP"},
                                    {"pcpu", "%cpu", "%CPU"},
                                    {"pgid", "pgid", "PGID"},
                                    {"pid", "pid", "PID"},
                                    {"pmem", "%mem", "%MEM"},
                                    {"ppid", "ppid", "PPID"},
                                    {"pri", "pri", "PRI"},
                                    {"psr", "psr", "PSR"},
                                    {"rss", "rss", "RSS"},
                                    {"rssize", "rss", "RSS"},
                                    {"ruser", "user", "RUSER"},
                                    {"s", "s", "S"},
                                    {"sess", "sid", "SESS"},
                                    {"sid", "sid", "SID"},
                                    {"start", "stime", "STARTED"},
                                    {"start_time", "stime", "START"},
                                    {"stat", "stat", "STAT"},
                                    {"state", "s", "S"},
                                    {"stime", "stime", "STIME"},
                                    {"thcount", "nlwp", "THCNT"},
                                    {"time", "time", "TIME"},
                                    {"tname", "tty", "TTY"},
                                    {"tt", "tty", "TT"},
                                    {"tty", "tty", "TT"},
                                    {"ucmd", "comm", "CMD"},
                                    {"uid", "uid", "UID"},
                                    {"uname", "user", "USER"},
                                    {"user", "user", "USER"},
                                    {"vsize", "vsz", "VSZ"},
                                    {"vsz", "vsz", "VSZ"}};

const Columns full_format = {
    {"user", "UID"},    {"pid", "PID"}, {"ppid", "PPID"}, {"c", "C"},
    {"stime", "STIME"}, {"tty", "TTY"}, {"time", "TIME"}, {"args", "CMD"}};
const Columns user_format = {
    {"user", "USER"},   {"pid", "PID"},    {"%cpu", "%CPU"},   {"%mem", "%MEM"},
    {"vsz", "VSZ"},     {"rss", "RSS"},    {"tty", "TTY"},     {"stat", "STAT"},
    {"stime", "START"}, {"btime", "TIME"}, {"args", "COMMAND"}};

[[noreturn]] void refuse(std::string_view option, std::string advice) {
    throw Error(ErrorKind::InvalidArgument, cat("top: ", quote(option)))
        .advise(std::move(advice));
}

ProcessColumn column_of(const std::string& name) {
    const auto* found =
        std::find_if(std::begin(specifiers), std::end(specifiers),
                     [&](const Specifier& each) { return each.name == name; });
    if (found != std::end(specifiers))
        return {std::string(found->field), std::string(found->title)};
    std::vector<std::string> names;
    for (const Specifier& each : specifiers) names.emplace_back(each.name);
    std::string guess = nearest(name, names);
    refuse(name, guess.empty() ? cat("columns are ", join(names, " "))
                               : cat("did you mean ", guess, "?"));
}

// "pid,user", "pid user", and with a title of one's own for the last of them,
// which goes to the end: "pid,args=THE COMMAND".
void add_list(Columns& columns, const std::string& list) {
    std::size_t equals = std::min(list.find('='), list.size());
    std::string names = list.substr(0, equals);
    std::replace(names.begin(), names.end(), ' ', ',');
    for (const std::string& name : split(names, ','))
        if (!name.empty()) columns.push_back(column_of(name));
    if (equals < list.size() && !columns.empty())
        columns.back().title = list.substr(equals + 1);
}

/// "-ef", "aux", "-eo": flags, each of which is fine or chooses the form.
struct Cluster {
    bool full = false, user = false, wants_list = false;
    std::string list = {};  ///< "-opid"
};

Cluster read_cluster(const std::string& text) {
    bool dash = text.starts_with('-');
    Cluster cluster;
    for (std::size_t i = dash ? 1 : 0; i < text.size(); ++i) {
        char flag = text[i];
        std::string_view fine = dash ? "eAwa" : "axwe";
        if (flag == 'o') {
            cluster.list = text.substr(i + 1);
            cluster.wants_list = cluster.list.empty();
            return cluster;
        }
        if (dash && flag == 'f')
            cluster.full = true;
        else if (!dash && flag == 'u')
            cluster.user = true;
        else if (fine.find(flag) == fine.npos)
            refuse(text, "write nothing, -ef, aux, or -o pid,user,args");
    }
    return cluster;
}

}  // namespace

std::vector<ProcessColumn> process_columns(
    const std::vector<std::string>& options) {
    Columns columns;
    bool user = false;
    for (std::size_t i = 0; i < options.size(); ++i) {
        const std::string& option = options[i];
        constexpr std::string_view format = "--format=";
        if (option.starts_with(format)) {
            add_list(columns, option.substr(format.size()));
            continue;
        }
        bool is_format = option == "--format";
        Cluster cluster = is_format ? Cluster{} : read_cluster(option);
        user |= cluster.user;
        add_list(columns, cluster.list);
        if (!cluster.wants_list && !is_format) continue;
        if (++i == options.size()) refuse(option, "a list of columns follows");
        add_list(columns, options[i]);
    }
    if (!columns.empty()) return columns;
    return user ? user_format : full_format;
}

}  // namespace slipway
