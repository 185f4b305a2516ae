import os, psutil, collections
from tests.console.browser.test_order_desk import *
from tests.console.browser.test_logistics_desk import *
def test_zzz_cpu(desks):
    c=collections.Counter()
    for p in psutil.process_iter(["cmdline","ppid"]):
        try:
            cl=" ".join(p.info["cmdline"])[-60:] if "chrom" not in " ".join(p.info["cmdline"]) else "chromium "+ (next((x for x in p.info["cmdline"] if x.startswith("--type")),"main"))
            t=p.cpu_times(); c[cl]+=t.user+t.system; c[cl+" children"]+=t.children_user+t.children_system
        except Exception: pass
    for k,v in c.most_common(25): print(f"CPU {v:.1f} {k}")
