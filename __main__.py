"""The stack: what `pulumi up` makes, in the order in which orders pass through it."""

import gc

import pulumi

from components import bundles, settings
from components.catalog import OrdersCatalog, OrdersCatalogArgs
from components.compute import ARCHITECTURE, OrdersFilter, OrdersFilterArgs
from components.dashboard import DashboardHost, DashboardHostArgs
from components.keeping import keep_all
from components.network import Network, NetworkArgs
from components.role import keep_bounded
from components.storage import RAW, DataLake, DataLakeArgs

# pulumi_aws's thousands of classes have come to stay: looking for garbage among them, again and
# again, takes a quarter of the run
gc.freeze()

stack = pulumi.get_stack()
chosen = settings.read(pulumi.Config(), stack)
balanced = chosen.dashboard.access == "balancer"

if chosen.account.permissions_boundary:
    keep_bounded(chosen.account.permissions_boundary)

lake = DataLake(
    "lake",
    DataLakeArgs(stack=stack, settings=chosen.lake, balancer_logs=balanced),
)

orders = OrdersFilter(
    "orders",
    OrdersFilterArgs(
        stack=stack,
        lake=lake,
        function=bundles.function(),
        layer=bundles.layer(ARCHITECTURE),
        settings=chosen.function,
        alarms=chosen.alarms,
    ),
)

catalog = OrdersCatalog(
    "catalog",
    OrdersCatalogArgs(
        stack=stack,
        lake=lake,
        settings=chosen.catalog,
        log_days=chosen.function.log_days,
        keep=chosen.lake.keep_data,
    ),
)

network = Network(
    "network",
    NetworkArgs(
        stack=stack,
        settings=chosen.network,
        instance_type=chosen.dashboard.instance_type,
        balanced=balanced,
    ),
)

dashboard = DashboardHost(
    "dashboard",
    DashboardHostArgs(
        stack=stack,
        lake=lake,
        network=network,
        app=bundles.app(chosen.dashboard.architecture),
        statements=(*lake.read_ledger(), *catalog.query_statements()),
        environment={
            "AWS_REGION": lake.region,
            "LAKE_BUCKET": lake.bucket,
            "ATHENA_WORKGROUP": catalog.workgroup_name,
            "ATHENA_DATABASE": catalog.database_name,
            "ATHENA_USD_PER_TB": str(chosen.dashboard.usd_per_tb),
            "DASHBOARD_ENVIRONMENT": stack,
            "DASHBOARD_CURRENCY": chosen.dashboard.currency,
        },
        topic_arn=orders.topic_arn,
        log_days=chosen.function.log_days,
        keep=chosen.lake.keep_data,
        settings=chosen.dashboard,
    ),
)

keep_all(lake, orders, catalog, network, dashboard, keep=chosen.lake.keep_data)

pulumi.export("drop", pulumi.Output.format("aws s3 cp orders.csv s3://{}/{}", lake.bucket, RAW))
# the summary of an update cuts what is longer than 150 characters, and a command cut short is none
pulumi.export("open", f"eval $(pulumi stack output session -s {stack})")
pulumi.export("dashboard", dashboard.url)
pulumi.export("bucket", lake.bucket)
pulumi.export("function", orders.function_name)
pulumi.export("session", dashboard.open_command)
pulumi.export("topic", orders.topic_arn)
pulumi.export("failures", orders.queue_url)
pulumi.export("database", catalog.database_name)
pulumi.export("workgroup", catalog.workgroup_name)
pulumi.export("crawler", catalog.crawler_name)
if dashboard.balancer_address is not None:
    pulumi.export("point_host_name_to", dashboard.balancer_address)
