#include "04-images/layer_report.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "04-images/store_folder.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// What the report needs to know of an entry; layers are counted from 0 here.
struct Item {
    std::size_t layer;
    EntryKind kind;
    bool opaque;
    std::uint64_t bytes;
    mode_t mode;
    uid_t uid;
    gid_t gid;

    bool is_folder() const { return kind == EntryKind::Folder; }
};

bool same_folder(const Item& one, const Item& other) {
    return one.mode == other.mode && one.uid == other.uid &&
           one.gid == other.gid;
}

// From this layer on nothing of those before it shows here. The bytes go to
// the account of the name that was hidden as a whole; without one (an opaque
// folder), each name in the folder is hidden by itself.
struct Cut {
    std::size_t layer;
    HiddenPath* account;
};

// Keeps the largest, so that an image of a million replaced files does not
// make a report of a million lines.
class Largest {
  public:
    explicit Largest(std::size_t most) : most_(most) {}
    void add(HiddenPath path) {
        ++all_;
        paths_.push_back(std::move(path));
        if (paths_.size() >= 2 * most_ + 64) shrink();
    }
    std::uint64_t all() const { return all_; }
    std::vector<HiddenPath> take() {
        shrink();
        return std::move(paths_);
    }

  private:
    void shrink() {
        std::sort(paths_.begin(), paths_.end(),
                  [](const HiddenPath& a, const HiddenPath& b) {
                      return std::tie(b.bytes, a.path) <
                             std::tie(a.bytes, b.path);
                  });
        if (paths_.size() > most_) paths_.resize(most_);
    }
    std::size_t most_;
    std::uint64_t all_ = 0;
    std::vector<HiddenPath> paths_;
};

class Explorer {
  public:
    Explorer(const std::vector<std::string>& folders,
             const ReportOptions& options)
        : form_(options.form),
          deleted_(options.most_paths),
          replaced_(options.most_paths) {
        for (const std::string& folder : folders)
            roots_.push_back(open_layer_folder(folder, form_));
        report_.layers.resize(roots_.size());
    }
    LayerReport run();

  private:
    friend class Story;
    void look(const std::string& path, const std::vector<std::size_t>& layers,
              const std::vector<Cut>& cuts);
    void read_folder(const std::string& path, std::size_t layer,
                     std::map<std::string, std::vector<Item>>& names);
    Item item_of(const LayerEntry& entry, std::size_t layer);
    void keep(HiddenPath path, bool is_deleted);

    FolderForm form_;
    std::vector<LayerEntry> roots_;
    std::set<std::tuple<std::size_t, dev_t, ino_t>> counted_;
    Largest deleted_, replaced_;
    LayerReport report_;
};

// What became of one name, from layer to layer.
class Story {
  public:
    Story(Explorer& explorer, std::string path)
        : explorer_(explorer), path_(std::move(path)) {
        own_.path = "/" + path_;
    }
    void tell(const std::vector<Item>& items, const std::vector<Cut>& cuts);

  private:
    void cut(const Cut& cut, const Item* instead);
    void place(const Item& item);
    void remove(std::size_t layer);
    void hide(std::size_t layer, HiddenPath& account);
    LayerSummary& summary(std::size_t layer) {
        return explorer_.report_.layers[layer];
    }

    Explorer& explorer_;
    std::string path_;
    HiddenPath own_;
    bool is_deleted_ = false;             // the last time by name, if at all
    std::optional<Item> live_;            // what shows at present
    std::optional<std::size_t> vacated_;  // by this layer's opaque folder
    std::vector<std::size_t> folders_;    // the layers with a folder here
    std::vector<Cut> below_;              // what cuts into these
};

void Story::tell(const std::vector<Item>& items, const std::vector<Cut>& cuts) {
    auto next = cuts.begin();
    for (const Item& item : items) {
        for (; next != cuts.end() && next->layer <= item.layer; ++next)
            cut(*next, next->layer == item.layer ? &item : nullptr);
        place(item);
    }
    for (; next != cuts.end(); ++next) cut(*next, nullptr);
    if (!folders_.empty()) explorer_.look(path_, folders_, below_);
    if (own_.bytes > 0) explorer_.keep(std::move(own_), is_deleted_ && !live_);
}

void Story::cut(const Cut& cut, const Item* instead) {
    if (!live_) return;
    if (cut.account) return hide(cut.layer, *cut.account);
    if (live_->is_folder() && instead && instead->is_folder()) {
        // A folder in an opaque folder: as if it were opaque itself.
        below_.push_back({cut.layer, nullptr});
    } else if (instead && instead->kind != EntryKind::Whiteout) {
        vacated_ = cut.layer;
        hide(cut.layer, own_);
    } else {
        remove(cut.layer);
    }
}

void Story::remove(std::size_t layer) {
    ++summary(layer).deleted;
    hide(layer, own_);
    is_deleted_ = true;
}

//@ begin hide-bytes
void Story::hide(std::size_t layer, HiddenPath& account) {
    if (&account == &own_) {
        own_.hidden_by = layer + 1;
        is_deleted_ = false;
    }
    if (live_->is_folder()) {
        below_.push_back({layer, &account});
    } else if (live_->bytes > 0) {
        summary(live_->layer).wasted += live_->bytes;
        account.bytes += live_->bytes;
        auto& held = account.held_by;
        auto at = std::lower_bound(held.begin(), held.end(), live_->layer + 1);
        if (at == held.end() || *at != live_->layer + 1)
            held.insert(at, live_->layer + 1);
    }
    live_.reset();
}
//@ end hide-bytes

void Story::place(const Item& item) {
    if (item.kind == EntryKind::Whiteout) {
        if (live_) remove(item.layer);
        return;
    }
    if (item.is_folder()) folders_.push_back(item.layer);
    if (live_ && live_->is_folder() && item.is_folder()) {
        if (!same_folder(*live_, item)) ++summary(item.layer).changed;
        if (item.opaque) below_.push_back({item.layer, nullptr});
    } else if (live_ || vacated_ == item.layer) {
        ++summary(item.layer).changed;
        if (live_) hide(item.layer, own_);
    } else {
        ++summary(item.layer).added;
    }
    live_ = item;
}

LayerReport Explorer::run() {
    std::vector<std::size_t> all;
    for (std::size_t layer = 0; layer < roots_.size(); ++layer)
        all.push_back(layer);
    // Of the topmost folder overlayfs does not read the opaque mark.
    look("", all, {});
    for (const LayerSummary& layer : report_.layers) {
        report_.bytes += layer.bytes;
        report_.wasted += layer.wasted;
    }
    report_.all_deleted = deleted_.all();
    report_.deleted = deleted_.take();
    report_.all_replaced = replaced_.all();
    report_.replaced = replaced_.take();
    return std::move(report_);
}

void Explorer::look(const std::string& path,
                    const std::vector<std::size_t>& layers,
                    const std::vector<Cut>& cuts) {
    std::map<std::string, std::vector<Item>> names;
    for (std::size_t layer : layers) read_folder(path, layer, names);
    for (const auto& [name, items] : names)
        Story(*this, path.empty() ? name : cat(path, "/", name))
            .tell(items, cuts);
}

// Opened by its path each time: 500 layers with a folder each, at each depth,
// would be more open files than a process may have.
void Explorer::read_folder(const std::string& path, std::size_t layer,
                           std::map<std::string, std::vector<Item>>& names) {
    std::optional<LayerEntry> found;
    if (!path.empty()) found = look_in(roots_[layer], path, form_);
    const LayerEntry& folder = found ? *found : roots_[layer];
    for (const std::string& name : names_in(folder.handle.get(), "/" + path))
        names[name].push_back(item_of(look_in(folder, name, form_), layer));
}

Item Explorer::item_of(const LayerEntry& entry, std::size_t layer) {
    const struct stat& info = entry.info;
    Item item{layer,        entry.kind,  entry.opaque, 0,
              info.st_mode, info.st_uid, info.st_gid};
    bool is_counted =
        entry.kind == EntryKind::File &&
        (info.st_nlink == 1 ||
         counted_.emplace(layer, info.st_dev, info.st_ino).second);
    if (is_counted) item.bytes = static_cast<std::uint64_t>(info.st_size);
    report_.layers[layer].bytes += item.bytes;
    return item;
}

void Explorer::keep(HiddenPath path, bool is_deleted) {
    (is_deleted ? deleted_ : replaced_).add(std::move(path));
}

}  // namespace

unsigned LayerReport::efficiency() const {
    if (wasted == 0) return 1000;
    // Not bytes * 1000, which may not fit. A byte of waste is not 100 %.
    double seen = static_cast<double>(bytes - wasted);
    return std::min(
        999U, static_cast<unsigned>(seen * 1000 / static_cast<double>(bytes)));
}

LayerReport report_layers(const std::vector<std::string>& folders,
                          const std::vector<HistoryEntry>& history,
                          const ReportOptions& options) {
    LayerReport report = Explorer(folders, options).run();
    std::size_t layer = 0;
    for (const HistoryEntry& entry : history)
        if (!entry.empty_layer && layer < report.layers.size())
            report.layers[layer++].created_by = entry.created_by;
    return report;
}

}  // namespace slipway
