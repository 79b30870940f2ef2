"""How the lake is queried: the tables, the crawler that checks them, the workgroup, the queries."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import athena, glue

from components.account import here
from components.crawler import READ_CATALOG, catalog_arns, crawler
from components.names import StackNames
from components.policy import Statement
from components.settings import CatalogSettings
from components.storage import RESULTS, DataLake
from components.tables import tables
from lake.schema import PROCESSED, TABLES
from queries.catalog import PanelError, load
from queries.compose import named_query

ENGINE = "Athena engine version 3"
"""The SQL of the panels is Trino's, which this version is made from."""


@dataclass(frozen=True, kw_only=True)
class OrdersCatalogArgs:
    """What is catalogued, and how it may be queried."""

    stack: str
    """stands in the names of what is made"""
    lake: DataLake
    settings: CatalogSettings
    log_days: int
    """days that the crawler's log lives"""
    keep: bool
    """whether a workgroup with a history of queries refuses to go"""


class OrdersCatalog(pulumi.ComponentResource):
    """The database `orders_db_<stack>` and the workgroup `orders-<stack>`.

    Makes: the database, its four tables as lake/schema.py declares them; the crawler on
    `processed`, with its role, log and encryption; the workgroup, whose settings no query can
    change, with encrypted results under `enriched/` and a limit on what a query scans; a named
    query per panel.
    """

    database_name: pulumi.Output[str]
    workgroup_name: pulumi.Output[str]
    crawler_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: OrdersCatalogArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:OrdersCatalog", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._lake = args.lake
        self._account = here(self)
        names = StackNames(args.stack)
        database = glue.CatalogDatabase(
            f"{name}-database",
            name=names.database,
            description=f"orders lake {args.stack}",
            opts=child,
        )
        declared = tables(name, database=database.name, bucket=args.lake.bucket, opts=child)
        checks = crawler(
            f"{name}-crawler",
            stack=args.stack,
            lake=args.lake,
            database=database.name,
            table=declared[PROCESSED.name].name,
            schedule=args.settings.crawler_schedule,
            log_days=args.log_days,
            account=self._account,
            opts=child,
        )
        workgroup = self._workgroup(f"{name}-workgroup", args, child)
        named_queries(name, database=database.name, workgroup=workgroup.name, opts=child)

        self.database_name = database.name
        self.workgroup_name = workgroup.name
        self.crawler_name = checks.name
        self.register_outputs(
            {
                "database_name": self.database_name,
                "workgroup_name": self.workgroup_name,
                "crawler_name": self.crawler_name,
            }
        )

    def query_statements(self) -> tuple[Statement, ...]:
        """Return what it takes to query the tables in the workgroup, and nothing of `raw/`.

        Athena reads and lists the tables, and writes the results, with the caller's rights.
        """
        prefixes = tuple(table.prefix for table in TABLES)
        names = tuple(table.name for table in TABLES)
        return (
            Statement(
                "Query",
                (
                    "athena:GetQueryExecution",
                    "athena:GetQueryResults",
                    "athena:GetWorkGroup",
                    "athena:StartQueryExecution",
                    "athena:StopQueryExecution",
                ),
                (
                    self._account.arn(
                        "athena", pulumi.Output.format("workgroup/{}", self.workgroup_name)
                    ),
                ),
            ),
            Statement(
                "ReadTables",
                READ_CATALOG,
                catalog_arns(self._account, self.database_name, *names),
            ),
            # athena looks there too, whatever the query says (documented)
            Statement(
                "LookAtDefault",
                ("glue:GetDatabase",),
                (
                    self._account.arn("glue", "catalog"),
                    self._account.arn("glue", "database/default"),
                ),
            ),
            *self._lake.read(*prefixes, RESULTS),
            *self._lake.list(*prefixes, RESULTS),
            *self._lake.write(RESULTS),
            *self._lake.write_parts(RESULTS),
            *self._lake.locate(),
            *self._lake.use_key(encrypt=True),
        )

    def _workgroup(
        self, name: str, args: OrdersCatalogArgs, opts: pulumi.ResourceOptions
    ) -> athena.Workgroup:
        return athena.Workgroup(
            name,
            name=StackNames(args.stack).workgroup,
            description=f"the panels of the orders lake {args.stack}",
            force_destroy=not args.keep,
            configuration=athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=args.settings.query_cutoff_mib << 20,
                engine_version=athena.WorkgroupConfigurationEngineVersionArgs(
                    selected_engine_version=ENGINE
                ),
                result_configuration=athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=pulumi.Output.format("s3://{}/{}", args.lake.bucket, RESULTS),
                    expected_bucket_owner=self._account.id,
                    encryption_configuration=athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                        encryption_option="SSE_KMS", kms_key_arn=args.lake.key_arn
                    ),
                ),
            ),
            opts=opts,
        )


def named_queries(
    name: str,
    *,
    database: pulumi.Input[str],
    workgroup: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> list[athena.NamedQuery]:
    """Make a named query of every panel, as it runs in Athena's console by a click.

    A file that is no panel is told and left out, as on the dashboard.
    """
    made = []
    for slug, panel in load().items():
        if isinstance(panel, PanelError):
            pulumi.warn(f"no named query is made of a file that is no panel: {panel}")
            continue
        made.append(
            athena.NamedQuery(
                f"{name}-{slug}",
                name=slug,
                description=panel.description,
                database=database,
                workgroup=workgroup,
                query=named_query(panel),
                opts=opts,
            )
        )
    return made
